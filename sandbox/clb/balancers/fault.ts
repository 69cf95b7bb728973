/** A refusal of the cloud, with the code that its API answers (CLB API 2018-03-17, error codes). */
export class CloudFault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'CloudFault';
    this.code = code;
  }
}
