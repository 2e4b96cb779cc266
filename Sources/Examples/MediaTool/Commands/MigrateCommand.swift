import ArgumentParser
import Foundation
import TaskCore
import TaskStorePostgres
import TaskStoreSQLite

/// Brings a store's tables to a version, for those who do it before the programs that need it are rolled out.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Make, change and remove a store's tables.",
        discussion: """
            Every program that opens a store brings its tables up to date by itself, if it may. Where it may not:

              media-tool migrate up --store postgres://admin@db/tasks
              media-tool migrate sql | psql postgres://admin@db/tasks
            """,
        subcommands: [
            MigrateUpCommand.self, MigrateDownCommand.self, MigrateStatusCommand.self, MigrateSQLCommand.self,
        ]
    )
}

struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Bring the tables up to a version; those of an older program are kept and changed."
    )

    @OptionGroup var target: MigrationOptions

    @Option(help: "The version. (default: the newest that this program knows)")
    var to: Int?

    func run() async throws {
        try await target.withStore(creating: true) { store in
            let (from, goal) = (try await store.schemaVersion(), to ?? store.latestVersion)
            guard to == nil || goal >= from else {
                throw ToolError("The tables have version \(from), above \(goal); 'migrate down' leads there.")
            }
            if from < goal || to != nil { try await store.migrate(to: goal) } else { try await store.migrate() }
            StandardOutput.write(MigrationReport.moved(from: from, to: try await store.schemaVersion()))
        }
    }
}

struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Bring the tables down to a version; what only newer versions keep is lost, at 0 every task."
    )

    @OptionGroup var target: MigrationOptions

    @Option(help: "The version.")
    var to: Int

    func run() async throws {
        try await target.withStore(creating: false) { store in
            let from = try await store.schemaVersion()
            guard to <= from else {
                throw ToolError("The tables have version \(from), below \(to); 'migrate up' leads there.")
            }
            try await store.migrate(to: to)
            StandardOutput.write(MigrationReport.moved(from: from, to: try await store.schemaVersion()))
        }
    }
}

struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell the tables' version; the exit code is 1 when this program knows a newer one."
    )

    @OptionGroup var target: MigrationOptions

    func run() async throws {
        try await target.withStore(creating: false) { store in
            let version = try await store.schemaVersion()
            StandardOutput.write(MigrationReport.status(version, latest: store.latestVersion))
            if version < store.latestVersion { throw ExitCode(1) }
        }
    }
}

struct MigrateSQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Print the SQL that leads from one version to another, for PostgreSQL; needs no server."
    )

    @Option(help: "The version that the tables have.")
    var from = 0

    @Option(help: "The version that they shall have. (default: the newest that this program knows)")
    var to: Int?

    @Option(help: "The schema that holds the tables.")
    var schema = "taskcore"

    @Option(help: "Only for which kind of store: PostgreSQL is the one whose tables others may make.")
    var store: String?

    func run() async throws {
        if let store, !store.hasPrefix("postgres") {
            throw ToolError(
                "There is SQL only for PostgreSQL; the tables in an SQLite file are this program's: 'migrate up' makes them."
            )
        }
        // Nothing is connected to.
        let postgres = try StoreLocation.postgres("", schema: schema, logger: ToolLog.quiet)
        let script = try postgres.migrationScript(from: from, to: to ?? PostgresTaskStore.latestSchemaVersion)
        await postgres.close()
        StandardOutput.write(script)
    }
}

/// Which tables a migration is about.
struct MigrationOptions: ParsableArguments {
    @OptionGroup var location: StoreOption

    @Option(help: "The schema that holds the tables, in PostgreSQL. (default: taskcore)")
    var schema: String?

    func validate() throws {
        if schema != nil, case .sqlite = location.store {
            throw ValidationError("--schema is for PostgreSQL; an SQLite file has no schemas.")
        }
    }

    /// Opens the store as it is, runs `body` and closes it.
    func withStore(creating: Bool, _ body: (any MigratableStore) async throws -> Void) async throws {
        let store: any MigratableStore
        switch location.store {
        case .memory: return
        case .sqlite(let path):
            try StoreLocation.prepare(path: path, creating: creating)
            store = try await SQLiteTaskStore(path: path)
        case .postgres(let address):
            store = try StoreLocation.postgres(address, schema: schema, logger: ToolLog.quiet)
        }
        do {
            try await body(store)
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }
}

/// A store whose tables have versions.
protocol MigratableStore: TaskStore {
    static var latestSchemaVersion: Int { get }
    func schemaVersion() async throws -> Int
    func migrate(to version: Int) async throws
}

extension MigratableStore {
    var latestVersion: Int { Self.latestSchemaVersion }
}

extension PostgresTaskStore: MigratableStore {}
extension SQLiteTaskStore: MigratableStore {}

/// What is said of versions.
enum MigrationReport {
    static func moved(from: Int, to: Int) -> String {
        from == to ? "The tables have version \(to) already.\n" : "The tables went from version \(from) to \(to).\n"
    }

    static func status(_ version: Int, latest: Int) -> String {
        let advice =
            if version == latest {
                "up to date"
            } else if version > latest {
                "made by a newer program than this one, which knows versions up to \(latest)"
            } else {
                "this program knows version \(latest); 'media-tool migrate up' leads there"
            }
        return version == 0
            ? "There are no tables yet: \(advice).\n" : "The tables have version \(version): \(advice).\n"
    }
}
