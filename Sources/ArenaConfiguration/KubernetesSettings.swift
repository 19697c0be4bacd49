/// The section `k8s`: where matches go as Jobs.
public struct KubernetesSettings: Sendable, Equatable {
  /// The namespace of the Jobs (`namespace`).
  public var namespace = "rl-arena"
  /// The image that plays matches (`orchestrator_image`).
  public var orchestratorImage = "rl-arena-orchestrator:latest"
  /// Path of the file that says how to reach the cluster; nil where nobody names one (`kubeconfig`, `KUBECONFIG`).
  public var kubeconfig: String?

  /// The defaults.
  public init() {}

  init(_ reading: inout ConfigurationReading) {
    namespace = reading.text("k8s.namespace", or: namespace)
    orchestratorImage = reading.text("k8s.orchestrator_image", or: orchestratorImage)
    kubeconfig = reading.text("k8s.kubeconfig")
  }
}
