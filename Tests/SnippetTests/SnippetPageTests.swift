import Testing

@Suite("Blocks of Swift in Markdown")
struct SnippetPageTests {
    @Test("Only blocks of Swift are taken, with the line of their first line of code")
    func onlySwift() {
        let page = SnippetPage(
            path: "P.md",
            text: "# Title\n```swift\nlet a = 1\n```\n```sh\nls\n```\n```\nswift\n```\n~~~swift\nlet b = 2\n~~~\n"
        )
        #expect(page.problems == [])
        #expect(
            page.snippets.map(\.parts) == [
                [.init(page: "P.md", line: 3, code: ["let a = 1"])],
                [.init(page: "P.md", line: 12, code: ["let b = 2"])],
            ]
        )
    }

    @Test("A block that continues another is compiled together with it, once")
    func continues() {
        let page = SnippetPage(
            path: "P.md",
            text: "```swift\nlet a = 1\n```\ntext\n```swift continues\nprint(a)\n```\n"
        )
        #expect(page.problems == [])
        #expect(page.snippets.map { $0.parts.map(\.line) } == [[2, 6]])
    }

    @Test("A hidden block counts like a visible one")
    func hidden() {
        let page = SnippetPage(path: "P.md", text: "<!-- swift\nlet a = 1\n-->\n```swift continues\nprint(a)\n```\n")
        #expect(page.problems == [])
        #expect(page.snippets.map { $0.parts.map(\.code) } == [[["let a = 1"], ["print(a)"]]])
    }

    @Test("The indentation of a fence in a list is taken off its code, and no more")
    func indented() {
        let page = SnippetPage(path: "P.md", text: "- item\n  ```swift\n  if true {\n      print(1)\n  }\n  ```\n")
        #expect(page.snippets.first?.parts.first?.code == ["if true {", "    print(1)", "}"])
    }

    @Test("A longer fence may hold a shorter one")
    func nestedFence() {
        let page = SnippetPage(path: "P.md", text: "````markdown\n```swift\nnonsense\n```\n````\n")
        #expect(page.snippets.isEmpty)
        #expect(page.problems == [])
    }

    @Test("A block is left out of the compile only with a reason")
    func skipNeedsReason() {
        let with = SnippetPage(path: "P.md", text: "```swift skip-compile: a signature, no code\nfunc f()\n```\n")
        #expect(with.snippets.isEmpty)
        #expect(with.problems == [])
        for info in ["skip-compile", "skip-compile:", "skip-compile: -"] {
            let without = SnippetPage(path: "P.md", text: "```swift \(info)\nfunc f()\n```\n")
            #expect(without.problems.count == 1)
        }
    }

    @Test(
        "A fence with a mistake in it is named, not passed over",
        arguments: [
            "```swift continue\nprint(1)\n```\n",
            "```swift continues\nprint(1)\n```\n",
            "```swift\nlet a = 1\n```\n```swift skip-compile: reason\n```\n```swift continues\nprint(a)\n```\n",
            "```swift\nprint(1)\n",
        ]
    )
    func mistakesAreNamed(_ text: String) {
        let page = SnippetPage(path: "P.md", text: text)
        #expect(page.problems.count == 1)
    }
}
