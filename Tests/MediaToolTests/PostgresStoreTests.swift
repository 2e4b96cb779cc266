import Foundation
import PostgresTestSupport
import TestSupport
import Testing

@Suite("media-tool on PostgreSQL, as a real process", .enabled(if: PostgresServer.isAvailable))
struct PostgresStoreTests {
    private static let secret = "s3cret-pässwörd"

    @Test(
        "process works on PostgreSQL, goes on where it stopped, and the other commands see it",
        .timeLimit(.minutes(3)),
        .enabled(if: Samples.exist)
    )
    func process() async throws {
        let (folder, database) = (try ToolFolder(), try await Database())
        let early = try await ToolProcess.run(ToolProcess.tool, "list", "--store", database.url, merging: true)
        #expect(early.code == 1 && early.output.hasPrefix("error: There are no tasks in that database."))
        let file = try folder.add(Samples.bytes("gps.jpg"), as: "gps.jpg")
        for isFirst in [true, false] {
            let arguments = ["process", file, "--json", "--out", folder.out, "--store", database.url]
            let ending = try await ToolProcess(arguments: arguments).ending()
            #expect(ending.code == 0)
            let ended = try ending.jsonLines().filter { $0["type"] as? String == "file" }
            #expect(ended.map { $0["doneBefore"] as? Bool ?? false } == [!isFirst])
        }
        #expect(folder.results.count == 3)
        let listed = try await ToolProcess.run(ToolProcess.tool, "list", "--json", "--store", database.url).jsonLines()
        #expect(listed.map { $0["status"] as? String } == ["done"])
        #expect(try await database.psql("SELECT status, name FROM taskcore.tasks") == "done|image.variants")
        #expect(!FileManager.default.fileExists(atPath: folder.database))
    }

    @Test("each form of an address works", .timeLimit(.minutes(1)))
    func forms() async throws {
        let database = try await Database()
        let parts = try #require(URLComponents(string: database.url))
        let keywords =
            "postgres:host=\(parts.host ?? "") port=\(parts.port ?? 0) dbname=\(database.name) user=\(parts.user ?? "") "
            + "password='\(parts.password ?? "")'"
        for address in [database.url, database.url.replacing("postgres://", with: "postgresql://"), keywords] {
            let ending = try await ToolProcess.run(
                ToolProcess.tool,
                "migrate",
                "up",
                "--store",
                address,
                merging: true
            )
            #expect(ending.code == 0, "\(ending.output)")
        }
    }

    /// An address that leads nowhere, how the command ends then, and what its one line says.
    struct Wrong: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: Int32 = 1
        var says: String
        var url: @Sendable (String) throws -> String
    }

    static let wrongs = [
        Wrong(testDescription: "password", says: "error: PostgreSQL refused: password authentication failed") { url in
            try Database.url(url) { $0.password = secret }
        },
        Wrong(
            testDescription: "database",
            says: "error: PostgreSQL refused: database \"nowhere\" does not exist"
        ) { url in
            try Database.url(url) { $0.path = "/nowhere" }
        },
        Wrong(testDescription: "port", says: "error: PostgreSQL cannot be reached: Connection refused") { url in
            try Database.url(url) { ($0.password, $0.port) = (secret, 1) }
        },
        Wrong(testDescription: "host", says: "error: PostgreSQL cannot be reached: could not translate host name") {
            url in
            try Database.url(url) { ($0.password, $0.host) = (secret, "nowhere.invalid") }
        },
        Wrong(testDescription: "unescaped @", says: "error: The PostgreSQL address has no usable host") { _ in
            "postgres://u:a@\(secret)@localhost/db"
        },
        Wrong(testDescription: "unescaped /", says: "error: The PostgreSQL address has no usable host") { _ in
            "postgres://u:\(secret)/b@localhost/db"
        },
        Wrong(testDescription: "keyword", says: "error: The PostgreSQL address is not one libpq understands") { _ in
            "postgres:hots=localhost password=\(secret)"
        },
        Wrong(testDescription: "scheme", code: 2, says: "That is no store") { _ in "postgre://u:\(secret)@localhost/db"
        },
        Wrong(testDescription: "prefix", code: 2, says: "That is no store") { _ in "Postgres:password='x \(secret)'" },
    ]

    @Test("a wrong address is told in one line that holds no password", .timeLimit(.minutes(2)), arguments: wrongs)
    func wrong(_ wrong: Wrong) async throws {
        let server = try await PostgresServer.shared()
        let (url, folder) = (try wrong.url(server.url), try ToolFolder())
        // Together, because a server that may only be away is waited for.
        try await withThrowingTaskGroup(of: ToolProcess.Ending.self) { group in
            for command in [["stats"], ["migrate", "status"], ["process", "/etc/hostname", "--out", folder.out]] {
                let arguments = command + ["--store", url]
                group.addTask { try await ToolProcess(arguments: arguments, merging: true).ending() }
            }
            for try await ending in group {
                #expect(ending.code == wrong.code)
                #expect(ending.output.contains(wrong.says), "\(ending.output)")
                if wrong.code == 1 { #expect(ending.output.filter(\.isNewline).count == 1, "\(ending.output)") }
                for part in [Self.secret, server.password] where !part.isEmpty {
                    #expect(!ending.output.contains(part), "\(ending.output)")
                }
            }
        }
    }
}
