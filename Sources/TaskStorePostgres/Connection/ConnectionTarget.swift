import CLibPQ
import TaskCore

/// Where to connect: a libpq URI or conninfo string, taken apart by libpq, with our defaults for what it leaves open.
struct ConnectionTarget: Sendable {
    private let keywords: [(name: String, value: String)]

    /// - Throws: `TaskError` with code `invalidInput`; its message holds nothing of the text, which may hold a password.
    init(_ text: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            PQfreemem(message)
            throw TaskError(
                .invalidInput,
                "The PostgreSQL address is not one libpq understands; write postgres://user@host:port/database or "
                    + "'host=… dbname=…'."
            )
        }
        defer { PQconninfoFree(options) }
        var keywords = Self.defaults
        var option = options
        while let name = option.pointee.keyword {
            if let value = option.pointee.val { keywords[String(cString: name)] = String(cString: value) }
            option += 1
        }
        // An unescaped password is taken for these, and what is wrong with them would be told by their text.
        let isHost = keywords["host"]?.contains("@") != true
        guard isHost, keywords["port"]?.allSatisfy({ $0.isNumber || $0 == "," }) ?? true else {
            throw TaskError(
                .invalidInput,
                "The PostgreSQL address has no usable host and port; in user and password write @ as %40, / as %2F, : as %3A."
            )
        }
        // Texts are UTF-8 here, whatever the environment says.
        keywords["client_encoding"] = "UTF8"
        self.keywords = keywords.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A dead link is noticed even where no deadline runs.
    private static let defaults = [
        "fallback_application_name": "taskcore",
        "keepalives_idle": "15",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    ]

    func withKeywords<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        withCStrings(keywords.map(\.name)) { names in
            withCStrings(keywords.map(\.value)) { values in body(names, values) }
        }
    }
}
