public import Logging
public import TaskCore

extension PostgresTaskStore {
    /// How a store uses its database.
    public struct Options: Sendable {
        /// The schema that holds the tables; several stores can live in one database.
        public var schema: String
        /// Connections for work and commands together with those for looking, at least 2.
        ///
        /// Beside them a store keeps one for heartbeats and one for notifications. Each is opened when it is needed first.
        public var connections: Int
        /// How long a call may take, waiting for a connection included, before it fails with `storeUnavailable`.
        public var callTimeout: Duration
        /// How long one try to connect may take.
        public var connectTimeout: Duration
        /// Whether statements are prepared once for each connection; nil: where connections are the store's own, and not behind a pooler.
        public var preparedStatements: Bool?
        /// Whether to listen for notifications; without, the store looks by itself once a second.
        public var listens: Bool
        /// A direct address to listen on where the store's own goes through a pooler, which passes no notifications on; nil: the store's.
        public var listenAddress: String?
        /// Which finished tasks are pruned by themselves, about once a minute by one of the workers' processes; nil: none.
        public var retention: PrunePolicy?
        /// What is said of connections, migrations and maintenance.
        public var logger: Logger
        /// Stands for the server's clock in tests; nil: the server's own, which all processes share.
        package var clock: (any TaskClock)?

        /// The defaults: schema `taskcore`, 4 connections, 30 seconds for a call, 10 for a try to connect, listening.
        public init(
            schema: String = "taskcore",
            connections: Int = 4,
            callTimeout: Duration = .seconds(30),
            connectTimeout: Duration = .seconds(10),
            preparedStatements: Bool? = nil,
            listens: Bool = true,
            listenAddress: String? = nil,
            retention: PrunePolicy? = nil,
            logger: Logger = Logger(label: "taskcore.postgres")
        ) {
            self.schema = schema
            self.connections = connections
            self.callTimeout = callTimeout
            self.connectTimeout = connectTimeout
            self.preparedStatements = preparedStatements
            self.listens = listens
            self.listenAddress = listenAddress
            self.retention = retention
            self.logger = logger
        }
    }
}
