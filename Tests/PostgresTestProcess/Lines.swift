import Foundation

/// Writes lines to standard output, whole and at once.
func say(_ lines: String) {
    FileHandle.standardOutput.write(Data((lines + "\n").utf8))
}

/// The next line of standard input, nil at its end; waits on a thread of its own.
func inputLine() async -> String? {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: readLine()) }.start()
    }
}
