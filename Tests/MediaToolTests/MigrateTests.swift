import Foundation
import PostgresTestSupport
import TestSupport
import Testing

@Suite("media-tool migrate, on a real server", .enabled(if: PostgresServer.isAvailable))
struct MigrateTests {
    private func migrate(_ arguments: String...) async throws -> ToolProcess.Ending {
        try await ToolProcess(arguments: ["migrate"] + arguments, merging: true).ending()
    }

    @Test("up, down and up again say what they did, and status what there is", .timeLimit(.minutes(2)))
    func upAndDown() async throws {
        let database = try await Database()
        func run(_ arguments: String...) async throws -> String {
            let ending = try await ToolProcess(
                arguments: ["migrate"] + arguments + ["--store", database.url],
                merging: true
            ).ending()
            return "\(ending.code ?? -1) \(ending.output)"
        }
        #expect(
            try await run("status")
                == "1 There are no tables yet: this program knows version 1; 'media-tool migrate up' leads there.\n"
        )
        #expect(try await run("down", "--to", "0") == "0 The tables have version 0 already.\n")
        let empty = try await database.schema()
        #expect(try await run("up") == "0 The tables went from version 0 to 1.\n")
        let full = try await database.schema()
        #expect(full.contains("CREATE TABLE taskcore.task ("))
        #expect(try await run("up", "--to", "1") == "0 The tables have version 1 already.\n")
        #expect(try await run("status") == "0 The tables have version 1: up to date.\n")
        #expect(
            try await run("up", "--to", "0")
                == "1 error: The tables have version 1, above 0; 'migrate down' leads there.\n"
        )
        #expect(
            try await run("up", "--to", "2") == "1 error: There is no schema version 2; this program knows 0 to 1.\n"
        )
        #expect(try await run("down") != "0 ")
        #expect(try await database.schema() == full)
        #expect(try await run("down", "--to", "0") == "0 The tables went from version 1 to 0.\n")
        // Schema and version table stay, and nothing else.
        let rest = try await database.psql(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'taskcore'::regnamespace"
        )
        #expect(rest == "schema_version schema_version_pkey" && empty.count < full.count)
        #expect(
            try await database.psql("SELECT count(*) FROM pg_proc WHERE pronamespace = 'taskcore'::regnamespace") == "0"
        )
        #expect(try await run("up") == "0 The tables went from version 0 to 1.\n")
        #expect(try await database.schema() == full)
        // Made by a newer program that this one still works with.
        try await database.psql("INSERT INTO taskcore.schema_version VALUES (2, 1)")
        #expect(
            try await run("status")
                == "0 The tables have version 2: made by a newer program than this one, which knows versions up to 1.\n"
        )
        #expect(try await run("up") == "0 The tables have version 2 already.\n")
    }

    @Test("several migrators at once agree", .timeLimit(.minutes(2)))
    func together() async throws {
        let database = try await Database()
        for round in 0..<3 {
            let codes = try await withThrowingTaskGroup(of: ToolProcess.Ending.self) { group in
                for _ in 0..<4 { group.addTask { try await migrate("up", "--store", database.url) } }
                return try await group.reduce(into: []) {
                    $0.append("\($1.code ?? -1)" + ($1.code == 0 ? "" : $1.output))
                }
            }
            #expect(codes == ["0", "0", "0", "0"])
            #expect(try await database.psql("SELECT count(*), max(version) FROM taskcore.schema_version") == "1|1")
            if round == 0 { try await database.psql("DROP SCHEMA taskcore CASCADE") }
            if round == 1 { #expect(try await migrate("down", "--to", "0", "--store", database.url).code == 0) }
        }
    }

    @Test(
        "the printed SQL makes what 'up' makes, and takes it away again",
        .timeLimit(.minutes(2)),
        arguments: ["taskcore", "a \"b\""]
    )
    func sql(_ schema: String) async throws {
        let folder = try ToolFolder()
        let (byHand, byTool) = (try await Database(), try await Database())
        let up = try folder.add(try await migrate("sql", "--schema", schema).output.utf8, as: "up.sql")
        try await byHand.psql(file: up)
        #expect(try await migrate("up", "--schema", schema, "--store", byTool.url).code == 0)
        let made = try await byTool.schema()
        #expect(made.count > 100)
        #expect(try await byHand.schema() == made)
        #expect(
            try await migrate("status", "--schema", schema, "--store", byHand.url).output
                == "The tables have version 1: up to date.\n"
        )
        let down = try folder.add(
            try await migrate("sql", "--schema", schema, "--from", "1", "--to", "0").output.utf8,
            as: "down.sql"
        )
        try await byHand.psql(file: down)
        #expect(try await migrate("down", "--to", "0", "--schema", schema, "--store", byTool.url).code == 0)
        #expect(try await byHand.schema() == byTool.schema())
    }

    @Test("a store whose tables were made by hand is used without the right to make any", .timeLimit(.minutes(2)))
    func byHand() async throws {
        let (folder, database) = (try ToolFolder(), try await Database())
        try await database.psql(file: try folder.add(try await migrate("sql").output.utf8, as: "up.sql"))
        let role = database.name + "_role"
        try await database.psql(
            """
            CREATE ROLE \(role) LOGIN PASSWORD 'pw';
            GRANT USAGE ON SCHEMA taskcore TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA taskcore TO \(role);
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA taskcore TO \(role)
            """
        )
        let url = try Database.url(database.url) { ($0.user, $0.password) = (role, "pw") }
        let stats = try await ToolProcess.run(ToolProcess.tool, "stats", "--store", url, merging: true)
        #expect(stats.code == 0 && stats.output.contains("queued"))
        let down = try await migrate("down", "--to", "0", "--store", url)
        #expect(down.code == 1 && down.output.hasPrefix("error: PostgreSQL refused: permission denied for schema"))
        try await database.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
    }

    @Test("there is no SQL of another store, nor for versions that there are not")
    func refusals() async throws {
        let sqlite = try await migrate("sql", "--store", "sqlite:x")
        #expect(sqlite.code == 1 && sqlite.output.hasPrefix("error: There is SQL only for PostgreSQL"))
        let version = try await migrate("sql", "--to", "9")
        #expect(version.code == 1 && version.output == "error: This program knows the schema versions 0 to 1.\n")
    }
}

@Suite("media-tool migrate, on a file")
struct MigrateFileTests {
    @Test("up, status and down work on SQLite, too")
    func sqlite() async throws {
        let folder = try ToolFolder()
        func run(_ arguments: String...) async throws -> String {
            let ending = try await ToolProcess(
                arguments: ["migrate"] + arguments + ["--store", folder.store],
                merging: true
            )
            .ending()
            return "\(ending.code ?? -1) \(ending.output)"
        }
        #expect(try await run("status").hasPrefix("1 error: There is no task database at "))
        #expect(try await run("up") == "0 The tables went from version 0 to 1.\n")
        #expect(try await run("status") == "0 The tables have version 1: up to date.\n")
        #expect(try await run("down", "--to", "0") == "0 The tables went from version 1 to 0.\n")
        #expect(try await run("up") == "0 The tables went from version 0 to 1.\n")
        #expect(try await run("status", "--schema", "x").hasPrefix("2 Error: --schema is for PostgreSQL"))
        #expect(try await folder.integrity() == "ok")
    }
}
