import TaskCore

/// The schema's versions, as the table `schema_version` keeps them.
package struct Schema: Sendable {
    package struct Migration: Sendable {
        let up: [UInt8]
        let down: [UInt8]
        /// The oldest version of this program that works with the schema once this migration is in.
        let worksWith: Int

        package init(up: [UInt8], down: [UInt8], worksWith: Int) {
            self.up = up
            self.down = down
            self.worksWith = worksWith
        }
    }

    /// The migration to version n is at index n - 1.
    package let migrations: [Migration]

    package init(migrations: [Migration]) { self.migrations = migrations }

    /// This program's.
    package static let current = Schema(migrations: [
        Migration(up: PackageResources.m0001_initial_sql, down: PackageResources.m0001_initial_down_sql, worksWith: 1)
    ])

    package var latest: Int { migrations.count }

    /// A database's version, and the oldest program that works with it.
    struct State: Equatable {
        var version: Int
        var worksWith: Int
    }

    // MARK: Text

    /// Everything that leads from one version to another, as text for who runs migrations by hand.
    func script(_ sql: SQLText, from: Int, to: Int) -> String {
        var parts: [String] = []
        if from == 0, to > 0 {
            parts.append("CREATE SCHEMA IF NOT EXISTS \(sql.schema);\n\(Self.versionTable(sql));\n")
        }
        for version in stride(from: from, to: to, by: 1) { parts.append(step(sql, up: version + 1)) }
        for version in stride(from: from, to: to, by: -1) { parts.append(step(sql, down: version)) }
        return parts.isEmpty ? "-- Nothing to do.\n" : "BEGIN;\n\n\(parts.joined(separator: "\n"))\nCOMMIT;\n"
    }

    private func step(_ sql: SQLText, up version: Int) -> String {
        let migration = migrations[version - 1]
        return """
            -- To version \(version)
            \(sql.render(migration.up))
            INSERT INTO \(sql.schema).schema_version (version, works_with) VALUES (\(version), \(migration.worksWith));

            """
    }

    private func step(_ sql: SQLText, down version: Int) -> String {
        """
        -- Down from version \(version)
        \(sql.render(migrations[version - 1].down))
        DELETE FROM \(sql.schema).schema_version WHERE version = \(version);

        """
    }

    private static func versionTable(_ sql: SQLText) -> String {
        """
        CREATE TABLE IF NOT EXISTS \(sql.schema).schema_version (
            version integer PRIMARY KEY,
            works_with integer NOT NULL, -- the oldest version of the program that works with this one
            applied_at timestamptz NOT NULL DEFAULT now()
        )
        """
    }

    // MARK: Running

    /// - Throws: `TaskError` with code `schemaMismatch`.
    func check(_ state: State) throws {
        guard state.version <= latest || state.worksWith <= latest else {
            throw TaskError(
                .schemaMismatch,
                "The PostgreSQL schema has version \(state.version), which works with programs that know version "
                    + "\(state.worksWith), and this one knows versions up to \(latest); run a newer program, or migrate down with it first."
            )
        }
    }

    /// Reads the table, for it must not come from a cache.
    private static let schemaOid = "SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1"

    static func state(_ session: Session) throws -> State {
        // Not by to_regclass(), which may answer from a cache what was so before a migrator that we waited for.
        let text =
            "SELECT count(*) > 0 FROM pg_catalog.pg_class c WHERE c.relname = 'schema_version' AND c.relnamespace IN (\(schemaOid))"
        let find = Command(Statement(text)) { $0.add(session.sql.schemaName) }
        guard try session.run(find).bool(0, 0) else { return State(version: 0, worksWith: 0) }
        let read = session.sql.render(
            "SELECT coalesce(max(version), 0), coalesce(max(works_with), 0) FROM {schema}.schema_version"
        )
        let result = try session.run(Command(read))
        return State(version: Int(result.int32(0, 0)), worksWith: Int(result.int32(0, 1)))
    }

    /// Brings the schema to a version, or leaves a newer one that works with this program (target nil: to the newest known).
    ///
    /// A lock keeps a second migrator waiting; all of it is one transaction.
    ///
    /// - Returns: The versions before and after.
    func migrate(_ session: Session, to target: Int?) throws -> (from: Int, to: Int) {
        guard (0...latest).contains(target ?? latest) else {
            throw TaskError(
                .schemaMismatch,
                "There is no schema version \(target ?? 0); this program knows 0 to \(latest)."
            )
        }
        // Without a lock first: whoever may only use the tables need not have the right to make any.
        var state = try Self.state(session)
        try check(state)
        if let done = arrived(state, target) { return (state.version, done) }
        let lock = Command(Statement("SELECT pg_advisory_xact_lock(hashtextextended($1, 5283920173))")) {
            $0.add("taskcore migration of \(session.sql.schema)")
        }
        _ = try session.run([Command(.begin), lock])
        state = try Self.state(session)
        try check(state)
        if let done = arrived(state, target) {
            _ = try session.run(Command(.commit))
            return (state.version, done)
        }
        let goal = target ?? latest
        guard state.version <= latest else {
            throw TaskError(
                .schemaMismatch,
                "The PostgreSQL schema has version \(state.version), and this program knows versions up to \(latest); "
                    + "migrate down with the program that made it."
            )
        }
        try prepare(session)
        for version in stride(from: state.version, to: goal, by: 1) {
            try session.runScript(step(session.sql, up: version + 1))
        }
        for version in stride(from: state.version, to: goal, by: -1) {
            try session.runScript(step(session.sql, down: version))
        }
        _ = try session.run(Command(.commit))
        return (state.version, goal)
    }

    /// The version that is there, if it is good enough.
    private func arrived(_ state: State, _ target: Int?) -> Int? {
        if let target { return state.version == target ? target : nil }
        return state.version >= latest ? state.version : nil
    }

    /// The schema may have been made by somebody with more rights.
    private func prepare(_ session: Session) throws {
        let find = Command(Statement("SELECT count(*) > 0 FROM (\(Self.schemaOid)) found")) {
            $0.add(session.sql.schemaName)
        }
        if try !session.run(find).bool(0, 0) {
            _ = try session.run(Command(session.sql.render("CREATE SCHEMA {schema}")))
        }
        try session.runScript(Self.versionTable(session.sql))
    }
}
