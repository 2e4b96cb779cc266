/// A statement with its values, ready to be sent.
struct Command {
    let statement: Statement
    let parameters: Parameters

    init(_ statement: Statement, _ build: (inout Parameters) -> Void = { _ in }) {
        self.statement = statement
        var parameters = Parameters()
        build(&parameters)
        self.parameters = parameters
    }
}

/// A statement's text.
struct Statement: Sendable {
    /// What it is prepared as on every connection; nil for statements that are put together for one use.
    let name: String?
    let sql: String

    init(_ sql: String) {
        name = nil
        self.sql = sql
    }

    init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    static let begin = Statement("BEGIN ISOLATION LEVEL READ COMMITTED")
    static let commit = Statement("COMMIT")
    static let rollback = Statement("ROLLBACK")
}
