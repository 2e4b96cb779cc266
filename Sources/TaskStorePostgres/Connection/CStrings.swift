/// Texts as C wants them for the time of a call, with no address for nil, and one more of these at the end.
func withCStrings<Result>(_ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    var bytes: [CChar] = []
    var starts: [Int?] = []
    for text in texts {
        starts.append(text == nil ? nil : bytes.count)
        if let text { bytes += text.utf8CString }
    }
    return bytes.withUnsafeBufferPointer { buffer in
        var pointers: [UnsafePointer<CChar>?] = starts.map { start in
            start.flatMap { start in buffer.baseAddress.map { $0 + start } }
        }
        pointers.append(nil)
        return body(pointers)
    }
}
