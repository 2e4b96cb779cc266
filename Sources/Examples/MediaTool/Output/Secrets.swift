/// Keeps passwords of store addresses off the screen.
enum Secrets {
    /// The text with `…` for the password of every `scheme://user:password@host` and `password=…`.
    static func hidden(in text: String) -> String {
        // As far as the last @: a password may hold one that should have been written %40.
        let inUser = /(\w+:\/\/[^:@\s]*:)\S*@/
        let asKeyword = /(password\s*=\s*)(?:'(?:\\.|[^'])*'|[^\s&']+)/.ignoresCase()
        return text.replacing(inUser) { "\($0.1)…@" }.replacing(asKeyword) { "\($0.1)…" }
    }
}
