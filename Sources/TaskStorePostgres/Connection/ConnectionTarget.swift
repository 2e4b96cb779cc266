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

    private func withCStrings<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes += text.utf8CString
        }
        return bytes.withUnsafeBufferPointer { buffer in
            var pointers: [UnsafePointer<CChar>?] = starts.map { start in buffer.baseAddress.map { $0 + start } }
            pointers.append(nil)
            return body(pointers)
        }
    }
}
