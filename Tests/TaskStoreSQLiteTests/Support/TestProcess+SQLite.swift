import TestSupport

extension TestProcess {
    /// A running `SQLiteTestProcess`.
    static func sqlite(_ arguments: String..., killedAfter lines: Int? = nil) throws -> TestProcess {
        try TestProcess("SQLiteTestProcess", arguments, killedAfter: lines)
    }
}
