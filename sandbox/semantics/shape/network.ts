/** Services and what leads to their pods. In the notation of parse-shapes.ts (Kubernetes API 1.33). */
export const NETWORK_SHAPES = `
Service
  ServiceSpec spec
  ServiceStatus status
ServiceSpec
  text clusterIP externalName externalTrafficPolicy internalTrafficPolicy ipFamilyPolicy
  text loadBalancerClass loadBalancerIP sessionAffinity trafficDistribution type
  number healthCheckNodePort
  flag allocateLoadBalancerNodePorts publishNotReadyAddresses
  [text] clusterIPs externalIPs ipFamilies loadBalancerSourceRanges
  [ServicePort] ports
  {text} selector
  SessionAffinityConfig sessionAffinityConfig
ServicePort
  text appProtocol name protocol
  number nodePort port
  quantity targetPort
SessionAffinityConfig
  ClientIPConfig clientIP
ClientIPConfig
  number timeoutSeconds
ServiceStatus
  [Condition] conditions
  LoadBalancerStatus loadBalancer
LoadBalancerStatus
  [LoadBalancerIngress] ingress
LoadBalancerIngress
  text hostname ip ipMode
  [PortStatus] ports
PortStatus
  text error protocol
  number port
Endpoints
  [EndpointSubset] subsets
EndpointSubset
  [EndpointAddress] addresses notReadyAddresses
  [EndpointPort] ports
EndpointAddress
  text hostname ip nodeName
  ObjectReference targetRef
EndpointPort
  text appProtocol name protocol
  number port
EndpointSlice
  text addressType
  [Endpoint] endpoints
  [EndpointPort] ports
Endpoint
  text hostname nodeName zone
  [text] addresses
  EndpointConditions conditions
  {text} deprecatedTopology
  EndpointHints hints
  ObjectReference targetRef
EndpointConditions
  flag ready serving terminating
EndpointHints
  [ForNode] forNodes
  [ForZone] forZones
ForNode
  text name
ForZone
  text name
Ingress
  IngressSpec spec
  IngressStatus status
IngressSpec
  text ingressClassName
  IngressBackend defaultBackend
  [IngressRule] rules
  [IngressTLS] tls
IngressBackend
  TypedLocalObjectReference resource
  IngressServiceBackend service
IngressServiceBackend
  text name
  ServiceBackendPort port
ServiceBackendPort
  text name
  number number
IngressRule
  text host
  HTTPIngressRuleValue http
HTTPIngressRuleValue
  [HTTPIngressPath] paths
HTTPIngressPath
  text path pathType
  IngressBackend backend
IngressTLS
  text secretName
  [text] hosts
IngressStatus
  IngressLoadBalancerStatus loadBalancer
IngressLoadBalancerStatus
  [IngressLoadBalancerIngress] ingress
IngressLoadBalancerIngress
  text hostname ip
  [IngressPortStatus] ports
IngressPortStatus
  text error protocol
  number port
`;
