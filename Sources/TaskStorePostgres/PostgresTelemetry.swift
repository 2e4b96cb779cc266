import Metrics

/// What an operator wants to know of the connections.
struct PostgresTelemetry: Sendable {
    private let connections = Counter(label: "taskcore_postgres_connections_total")
    private let collisions = Counter(label: "taskcore_postgres_collisions_total")
    private let listening = Gauge(label: "taskcore_postgres_listening")

    private let oldestSnapshot = Gauge(label: "taskcore_postgres_oldest_snapshot_seconds")
    private let deadRows = Gauge(label: "taskcore_postgres_dead_rows")

    func connected() { connections.increment() }
    /// Two transactions met, and one runs again.
    func collided() { collisions.increment() }
    func found(_ health: Maintenance.Health) {
        oldestSnapshot.record(health.oldestSnapshot)
        deadRows.record(health.deadRows)
    }
    /// 1 while notifications come in, 0 while the store polls instead.
    func isListening(_ listens: Bool) { listening.record(listens ? 1 : 0) }
}
