using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Native.Generation.Language;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Generation.Language;

/// <summary>Talks as the makers' own programs write them, and talks that are none.</summary>
[Kind(TestKind.Fast)]
public sealed class ChatWriterTests
{
    private static readonly ChatTurn[] Talk =
    [
        new(ChatRole.System, "Be short."), new(ChatRole.User, " Hello "), new(ChatRole.Assistant, "Hi"), new(ChatRole.User, "<|eot_id|>?"),
    ];

    private static readonly string Golden = Path.Combine(Repository.Root, "tests/golden/language_tokenizer");
    private static readonly LanguageTokenizer Pieces = LanguageTokenizer.Load(Path.Combine(Golden, "pieces.model"));
    private static readonly LanguageTokenizer Headers = WithHeaders();

    // llama (2023), generation.py: <s> question and answer </s>, and <s> the next question.
    [Fact]
    public void Write_Llama2_IsMetas()
    {
        int[] expected =
        [
            1, .. Pieces.Encode("[INST] <<SYS>>\nBe short.\n<</SYS>>\n\n Hello [/INST] Hi "), 2, 1, .. Pieces.Encode("[INST] <|eot_id|>? [/INST]"),
        ];
        Assert.Equal(expected, new ChatWriter(ChatFormat.Llama2, Pieces, 1, 2).Write(Talk));
    }

    // llama3 (2024), tokenizer.py: <|start_header_id|>role<|end_header_id|>, two line feeds, text, <|eot_id|>.
    [Fact]
    public void Write_Llama3_IsMetas()
    {
        (int start, int header, int headerEnd, int end) = (Id("<|begin_of_text|>"), Id("<|start_header_id|>"), Id("<|end_header_id|>"), Id("<|eot_id|>"));
        int[] Header(string role) => [header, .. Headers.Encode(role), headerEnd, .. Headers.Encode("\n\n")];
        int[] expected =
        [
            start, .. Header("system"), .. Headers.Encode("Be short."), end, .. Header("user"), .. Headers.Encode("Hello"), end,
            .. Header("assistant"), .. Headers.Encode("Hi"), end, .. Header("user"), .. Headers.Encode("<|eot_id|>?", marks: false), end,
            .. Header("assistant"),
        ];
        ChatWriter writer = new(ChatFormat.Llama3, Headers, start, null);
        Assert.Equal(expected, writer.Write(Talk));
        Assert.Equal([end], writer.Ends);
    }

    [Fact]
    public void Write_Plain_IsTheTurnsOneBelowTheOther() => Assert.Equal(
        [1, .. Pieces.Encode("Be short.\n\n Hello \n\nHi\n\n<|eot_id|>?")], new ChatWriter(ChatFormat.Plain, Pieces, 1, 2).Write(Talk));

    [Theory]
    [InlineData(ChatFormat.Llama2, null, false)]
    [InlineData(ChatFormat.Llama3, null, true)]
    [InlineData(ChatFormat.Llama2, """{"chat_template": "{{ '[INST] ' + message['content'] }}"}""", false)]
    [InlineData(ChatFormat.Llama3, """{"chat_template": "{{ '<|start_header_id|>' + message['role'] }}"}""", true)]
    [InlineData(ChatFormat.Llama3, """{"chat_template": [{"name": "default", "template": "<|start_header_id|>"}]}""", true)]
    [InlineData(ChatFormat.Plain, """{"chat_template": "<|user|>"}""", false)]
    [InlineData(ChatFormat.Llama2, """{"bos_token": "<s>", "chat_template": null}""", false)]
    public void Tell_FilesOfAModel_KnowsTheFormat(ChatFormat expected, string? config, bool headers)
    {
        StrictJson? json = config is null ? null
            : StrictJson.Parse(Encoding.UTF8.GetBytes(config), new JsonOrigin("settings", "tokenizer_config.json", Failure.BadInput, "none"));
        Assert.Equal(expected, ChatWriter.Tell(json, headers ? Headers : Pieces));
    }

    [Fact]
    public void New_FormatWithoutItsMarks_IsRefused() => Assert.Equal(
        Failure.Usage, Assert.Throws<CloudsException>(() => new ChatWriter(ChatFormat.Llama3, Pieces, 1, 2)).Failure);

    [Theory]
    [InlineData]
    [InlineData(ChatRole.System)]
    [InlineData(ChatRole.Assistant)]
    [InlineData(ChatRole.User, ChatRole.Assistant)]
    [InlineData(ChatRole.User, ChatRole.User)]
    [InlineData(ChatRole.User, ChatRole.System, ChatRole.User)]
    public void Write_TurnsInNoOrder_IsRefused(params ChatRole[] roles)
    {
        ChatTurn[] turns = [.. roles.Select(role => new ChatTurn(role, "x"))];
        CloudsException e = Assert.Throws<CloudsException>(() => new ChatWriter(ChatFormat.Plain, Pieces, 1, 2).Write(turns));
        Assert.Equal(Failure.Usage, e.Failure);
    }

    private static int Id(string token) => Headers.IdOf(token)!.Value;

    private static LanguageTokenizer WithHeaders()
    {
        string text = File.ReadAllText(Path.Combine(Golden, "words.json"));
        const string First = "\"added_tokens\":[";
        string marks = string.Concat(new[] { "<|start_header_id|>", "<|end_header_id|>" }.Select((mark, i) =>
            $$"""{"id":{{1000 + i}},"content":"{{mark}}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},"""));
        return LanguageTokenizer.Read(Encoding.UTF8.GetBytes(text.Replace(First, First + marks, StringComparison.Ordinal)), "tokenizer.json");
    }
}
