import TestSupport

/// Where PostgreSQL's programs are, as `Scripts/postgres.sh` finds them.
enum PostgresPrograms {
    static let script = Checkout.script("postgres.sh")

    /// Nil when there is no server to start here. Asked once, for a moment's blocking.
    static let folder: String? = {
        let found = try? Command.runBlocking(script, ["find"])
        return found.map { String($0.prefix { $0 != "\n" }) }
    }()

    /// The client beside the server, because Debian's on PATH is a slow wrapper; that one where there is no server.
    static let psql: (path: String, arguments: [String]) =
        folder.map { ("\($0)/psql", []) } ?? ("/usr/bin/env", ["psql"])
}
