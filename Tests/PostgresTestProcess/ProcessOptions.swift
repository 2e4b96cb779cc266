import Logging
import TaskStorePostgres

/// The command and its options, which are given as `--name value`.
struct ProcessOptions: Sendable {
    let command: String
    private let values: [String: String]

    init(_ arguments: [String]) {
        command = arguments.first ?? ""
        var values: [String: String] = [:]
        for index in arguments.indices.dropFirst().dropLast() where arguments[index].hasPrefix("--") {
            values[String(arguments[index].dropFirst(2))] = arguments[index + 1]
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }
    func number(_ name: String, else fallback: Int) -> Int { self[name].flatMap { Int($0) } ?? fallback }
    func seconds(_ name: String, else fallback: Duration) -> Duration {
        self[name].flatMap { Double($0) }.map { .seconds($0) } ?? fallback
    }

    /// The store that `--url`, `--schema` and the like describe.
    func store() throws -> PostgresTaskStore {
        var options = PostgresTaskStore.Options(
            schema: self["schema"] ?? "taskcore",
            connections: number("connections", else: 4),
            callTimeout: seconds("call-timeout", else: .seconds(30))
        )
        options.listenAddress = self["listen-url"]
        options.logger = logger
        return try PostgresTaskStore(self["url"] ?? "", options: options)
    }

    /// Logs to standard error; output is for the test.
    var logger: Logger { Logger(label: "process", factory: { StreamLogHandler.standardError(label: $0) }) }
}
