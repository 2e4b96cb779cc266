extension Error {
    /// The error in one line for people: a decoding error with its path, any other by its own description.
    package var readable: String {
        guard let decoding = self as? DecodingError else { return String(describing: self) }
        func at(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return path.isEmpty ? "" : " at '\(path.joined(separator: "."))'"
        }
        switch decoding {
        case .typeMismatch(let type, let context): return "expected \(type)\(at(context))"
        case .valueNotFound(let type, let context): return "expected \(type), found null\(at(context))"
        case .keyNotFound(let key, let context): return "the member '\(key.stringValue)' is missing\(at(context))"
        case .dataCorrupted(let context): return "\(context.debugDescription)\(at(context))"
        @unknown default: return String(describing: decoding)
        }
    }
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The duration in whole nanoseconds.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The duration for people, in seconds with up to three digits after the point.
    package var readable: String {
        let milliseconds = (inSeconds * 1000).rounded() / 1000
        return milliseconds == milliseconds.rounded() && abs(milliseconds) < 1e15
            ? "\(Int64(milliseconds)) s" : "\(milliseconds) s"
    }
}
