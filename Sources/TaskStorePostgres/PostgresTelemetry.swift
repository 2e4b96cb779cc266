import Metrics

/// What an operator wants to know of the connections.
struct PostgresTelemetry: Sendable {
    private let connections = Counter(label: "taskcore_postgres_connections_total")
    private let collisions = Counter(label: "taskcore_postgres_collisions_total")
    private let listening = Gauge(label: "taskcore_postgres_listening")

    func connected() { connections.increment() }
    /// Two transactions met, and one runs again.
    func collided() { collisions.increment() }
    /// 1 while notifications come in, 0 while the store polls instead.
    func isListening(_ listens: Bool) { listening.record(listens ? 1 : 0) }
}
