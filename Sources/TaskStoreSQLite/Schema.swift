import GRDB
import TaskCore

/// The schema's versions, as SQLite's `user_version` keeps them.
struct Schema {
    struct Migration {
        let up: String
        let down: String
    }

    /// The migration to version n is at index n - 1.
    let migrations: [Migration]

    /// This program's.
    static let current = Schema(migrations: [
        Migration(up: SQLText.m0001Initial, down: SQLText.m0001InitialDown)
    ])

    var latest: Int { migrations.count }

    static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    }

    /// Brings the schema to a version, within the caller's transaction, whose lock keeps a second migrator waiting.
    ///
    /// - Throws: `TaskError` with code `schemaMismatch`.
    func migrate(_ db: Database, to target: Int) throws {
        let current = try Self.version(db)
        let isMarked = try Int.fetchOne(db, sql: "PRAGMA application_id") == Self.applicationID
        if !isMarked { try checkIsOurs(db) }
        guard current <= latest else {
            throw TaskError(
                .schemaMismatch,
                "The SQLite file has schema version \(current), and this program knows versions up to \(latest); run a "
                    + "newer program, or migrate down with it first."
            )
        }
        guard (0...latest).contains(target) else {
            throw TaskError(.schemaMismatch, "There is no schema version \(target); this program knows 0 to \(latest).")
        }
        if !isMarked { try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)") }
        for version in stride(from: current, to: target, by: 1) { try db.execute(sql: migrations[version].up) }
        for version in stride(from: current, to: target, by: -1) { try db.execute(sql: migrations[version - 1].down) }
        if target != current { try db.execute(sql: "PRAGMA user_version = \(target)") }
        // Statistics that somebody made (ANALYZE) while there were few tasks would have SQLite walk through whole tables later.
        try db.execute(sql: "DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4")
    }

    /// How the file says whose it is: 'TASK' in ASCII. Source: https://www.sqlite.org/fileformat2.html#application_id
    private static let applicationID = 0x5441_534B

    /// A database of another program is not touched.
    private func checkIsOurs(_ db: Database) throws {
        let taken = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")
        // A file of ours that was made before it said so.
        guard let foreign = taken.first, !Set(taken).isSuperset(of: ["task", "task_state", "change"]) else { return }
        throw TaskError(
            .schemaMismatch,
            "The SQLite file has a table '\(foreign)' that this program did not make; use a file of its own."
        )
    }
}
