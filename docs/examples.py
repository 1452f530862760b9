"""An example of each section, as in a stack file; a test loads each."""

EXAMPLES = {
    "service": """
config:
  goservice:service:
    name: shop
    namespace: shop
    port: 9000
    type: LoadBalancer
""",
    "cluster": """
config:
  goservice:cluster:
    context: staging
    kubeconfig:
      secure: v1:…  # pulumi config set --secret --path cluster.kubeconfig < kubeconfig.yaml
""",
    "image": """
config:
  goservice:image:
    repository: ghcr.io/acme/shop
    platforms: [linux/amd64]
    cacheFrom: [ghcr.io/acme/shop:buildcache]
    cacheTo: [ghcr.io/acme/shop:buildcache]
    username: acme-robot
    password:
      secure: v1:…  # pulumi config set --secret --path image.password
""",
    "resources": """
config:
  goservice:resources:
    cpuRequest: 250m
    cpuLimit: "1"
    memoryRequest: 128Mi
    memoryLimit: 256Mi
""",
    "autoscaling": """
config:
  goservice:autoscaling:
    minReplicas: 3
    maxReplicas: 40
    cpuPercent: 70
""",
    "rollout": """
config:
  goservice:rollout:
    strategy: canary
    timeoutSeconds: 600
  goservice:canary:
    prometheus: monitoring/prometheus-operated:9090
    steps: [25, 50]
""",
    "canary": """
config:
  goservice:canary:
    prometheus: https://prometheus.example.com
    prometheusToken:
      secure: v1:…  # pulumi config set --secret --path canary.prometheusToken
    metrics:
      preset: otelhttp
    steps: [25, 50]
    analysisSeconds: 600
    maxErrorPercent: "0.5"
    queries:
      depth: max(queue_depth{pod=~"$canary"}) <= 100
""",
    "metrics": """
config:
  goservice:metrics:
    port: 9102
    monitor: PodMonitor
""",
    "ingress": """
config:
  goservice:ingress:
    host: shop.example.com
    className: nginx
    tlsSecret: shop-tls
    annotations:
      cert-manager.io/cluster-issuer: letsencrypt
""",
    "network": """
config:
  goservice:network:
    ingressNamespaces: [ingress-nginx, monitoring]
    egressPorts: [443, 5432]
""",
    "env": """
config:
  goservice:env:
    LOG_LEVEL: info
""",
    "secrets": """
config:
  goservice:secrets:
    DATABASE_URL:
      secure: v1:…  # pulumi config set --secret --path secrets.DATABASE_URL
""",
}
