import Foundation

extension PostgresServer {
    /// Makes an empty database and answers its URL. It costs some 50 ms and 7 MB; a schema of its own is cheaper.
    package func database() async throws -> String {
        let name = Self.uniqueName("test")
        try await sql("CREATE DATABASE \(name) TEMPLATE template0")
        return url(database: name)
    }

    /// Drops a database of `database()`, whoever is connected to it.
    package func drop(_ url: String) async throws {
        let name = URLComponents(string: url)?.path.dropFirst() ?? ""
        try await sql("DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)")
    }

    /// A name that nothing else has, fit for SQL without quotes.
    package static func uniqueName(_ prefix: String = "taskcore") -> String {
        "\(prefix)_\(UUID().uuidString.lowercased().replacing("-", with: "").prefix(16))"
    }

    /// The server's URL with another database, another port in front of it (a proxy's), or more parameters.
    package func url(database: String? = nil, port: Int? = nil, parameters: [String: String] = [:]) -> String {
        Self.url(url, database: database, port: port, parameters: parameters)
    }

    /// The same for the URL of a database.
    package static func url(
        _ url: String,
        database: String? = nil,
        port: Int? = nil,
        parameters: [String: String] = [:]
    ) -> String {
        guard var parts = URLComponents(string: url) else { return url }
        if let database { parts.path = "/\(database)" }
        if let port { parts.port = port }
        if !parameters.isEmpty {
            let items = parameters.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0.key, value: $0.value) }
            parts.queryItems = (parts.queryItems ?? []).filter { parameters[$0.name] == nil } + items
        }
        return parts.string ?? url
    }

    /// Lets the network of an address in, and answers the server's URL at that address. Only for a server that listens there.
    package func open(to address: String) async throws -> String {
        let rules = try dataDirectory.appendingPathComponent("pg_hba.conf")
        let text = try String(contentsOf: rules, encoding: .utf8)
        try "\(text)\nhost all all \(address)/30 scram-sha-256\n".write(to: rules, atomically: false, encoding: .utf8)
        try await sql("SELECT pg_reload_conf()")
        guard var parts = URLComponents(string: url) else { return url }
        parts.host = address
        return parts.string ?? url
    }

    package var port: Int { URLComponents(string: url)?.port ?? 5432 }
    package var user: String { URLComponents(string: url)?.user ?? "postgres" }
    package var password: String { URLComponents(string: url)?.password ?? "" }
}
