using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Tests.Graph.Json;

[Kind(TestKind.Fast)]
public sealed class StrictJsonTests
{
    private static readonly JsonOrigin ByHand = new("the file", "run.json", Failure.Usage);
    private static readonly JsonOrigin ByProgram = new("the file", "run.json", Failure.Weights, "fetch it again");

    [Theory]
    [InlineData("{\"a\": 1, \"a\": 2}", "run.json:1:10, key 'a'")]
    [InlineData("{\"a\": 1, \"\\u0061\": 2}", "run.json:1:10, key 'a'")]
    [InlineData("{\n\"b\": [0, {\"c\": {\n\"d\": 1,\n\"d\": 1}}]}", "run.json:4:1, key 'b[1].c.d'")]
    [InlineData("{\n\"\": 1,\n\"\": 2}", "run.json:3:1")]
    public void Parse_KeyTwiceAtAnyDepth_NamesKeyAndLine(string json, string where)
    {
        CloudsException failure = Refused(json, ByHand);
        Assert.Equal("a key stands twice", failure.What);
        Assert.Equal(where, failure.Where);
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Equal("remove one of them", failure.Next);
        Assert.Equal("fetch it again", Refused(json, ByProgram).Next);
    }

    [Fact]
    public void Parse_KeysThatDifferInCase_AreTwo() => Assert.Equal(2, Parse("{\"a\": 1, \"A\": 2}").Members().Count());

    [Fact]
    public void Parse_ByteOrderMark_IsLetThroughWherePeopleWrite()
    {
        byte[] json = [0xEF, 0xBB, 0xBF, .. "\n{\"a\": 1}"u8];
        Assert.Equal(2, StrictJson.Parse(json, ByHand).Get("a").Line);
        Assert.Contains("not valid JSON", Assert.Throws<CloudsException>(() => StrictJson.Parse(json, ByProgram)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\": 1} // end")]
    [InlineData("{/* first */ \"a\": 1}")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": 1, \"b\": [2,],}")]
    public void Parse_CommentsAndTrailingCommas_AreLetThroughWherePeopleWrite(string json)
    {
        Assert.Equal(1, Parse(json).Get("a").Number(0, 9));
        Assert.Contains("JSON to the letter", Refused(json, ByProgram).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("// nothing else")]
    [InlineData("{} {}")]
    [InlineData("{} x")]
    [InlineData("[1")]
    [InlineData("{\"a\": 01}")]
    [InlineData("{'a': 1}")]
    [InlineData("NaN")]
    [InlineData("\"two\nlines\"")]
    public void Parse_WhatIsNoJson_IsRefused(string json)
    {
        CloudsException failure = Refused(json, ByHand);
        Assert.Equal("the file is not valid JSON", failure.What);
        Assert.StartsWith("run.json:", failure.Where, StringComparison.Ordinal);
        Assert.StartsWith("correct line ", failure.Next, StringComparison.Ordinal);
        Assert.Equal(("run.json", "fetch it again"), (Refused(json, ByProgram).Where, Refused(json, ByProgram).Next));
    }

    [Fact]
    public void Parse_DamagedLine_IsNamedOnceAndFromOne()
    {
        CloudsException failure = Refused("{\r\n\"a\": 1,\r\n\"b\": x}", ByHand);
        Assert.Equal("run.json:3:6", failure.Where);
        Assert.EndsWith("Line 3, byte 6", failure.Found, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public void Parse_DepthBomb_IsRefused(string level)
    {
        Assert.Contains("depth of 32", Refused(string.Concat(Enumerable.Repeat(level, 100_000)), ByProgram).Found, StringComparison.Ordinal);
        Assert.Equal(32, Parse(new string('[', 32) + new string(']', 32)).Element.GetRawText().Length / 2);
    }

    [Theory]
    [InlineData("{\n\"a\": \"*\"}", 7)]
    [InlineData("{\n\"*\": 1}", 2)]
    [InlineData("{\n// *\n}", 4)]
    public void Parse_BytesThatAreNoUtf8_AreRefusedWithTheirPlace(string json, int column)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(json).Select(b => b == (byte)'*' ? (byte)0xFF : b)];
        CloudsException failure = Assert.Throws<CloudsException>(() => StrictJson.Parse(bytes, ByHand));
        Assert.Equal(($"run.json:2:{column}", "bytes that are no UTF-8"), (failure.Where, failure.Found));
    }

    [Theory]
    [InlineData("{\"b\": [\n\"\\ud83d\"]}", ", key 'b[0]'")]
    [InlineData("{\"b\": [\n\"\\uDE00 and more\"]}", ", key 'b[0]'")]
    [InlineData("{\"b\":\n{\"\\uD83D\": 1}}", ", key 'b'")]
    [InlineData("\n\"\\ud83dx\"", "")]
    public void Parse_HalfASurrogatePair_IsRefusedWithItsPlace(string json, string key)
    {
        CloudsException failure = Refused(json, ByHand);
        Assert.Equal(($"run.json:2:1{key}", "half of a surrogate pair"), (failure.Where, failure.Found));
    }

    [Fact]
    public void Parse_WholeSurrogatePair_IsACharacter() => Assert.Equal("\U0001F600", Parse("\"\\ud83d\\ude00\"").Text());

    [Fact]
    public void Line_BehindTextOfSeveralLines_CountsThemAll()
    {
        StrictJson json = Parse("{\r\n  /* two\r\n lines */ \"a\":\r\n\r\n {\"b\": [1,\n2]},\n\"ä\": \"ü\" }");
        StrictJson a = json.Get("a");
        Assert.Equal((1, 5, 3), (json.Line, a.Line, a.KeyLine));
        Assert.Equal([5, 6], a.Get("b").Items().Select(item => item.Line));
        Assert.Equal((7, 7), (json.Get("ä").Line, json.Get("ä").KeyLine));
        Assert.Equal("a.b[1]", a.Get("b").Items()[1].Key);
    }

    [Theory]
    [InlineData("2147483648")]
    [InlineData("-1")]
    [InlineData("11")]
    [InlineData("1.0")]
    [InlineData("1e2")]
    [InlineData("\"3\"")]
    [InlineData("null")]
    public void Number_OutsideItsRange_IsRefused(string number)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Parse($"[[\n{number}]]").Items()[0].Items()[0].Number(0, 10));
        Assert.Equal(("run.json:2:1, key '[0][0]'", number), (failure.Where, failure.Found));
        Assert.Contains("a whole number from 0 to 10", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_OfSixtyThreeBits_IsReadAndNotOneMore()
    {
        StrictJson numbers = Parse("[9223372036854775807, 9223372036854775808, -1]");
        Assert.Equal(long.MaxValue, numbers.Items()[0].Whole(0));
        Assert.All([1, 2], i => Assert.Throws<CloudsException>(() => numbers.Items()[i].Whole(0)));
        Assert.Equal("run.json:1:23, key '[1]'", Assert.Throws<CloudsException>(() => numbers.Counts(3)).Where);
    }

    [Fact]
    public void WithKeys_UnknownKey_OffersTheNearestAndItsLine()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Parse("{\"a\": {\"colour\": 1,\n\"nmae\":\n2}}").Get("a").WithKeys("name", "colour"));
        Assert.Equal(("run.json:2:1, key 'a.nmae'", "\"nmae\"", "did you mean \"name\"?"), (failure.Where, failure.Found, failure.Next));
    }

    [Fact]
    public void Exactly_GivesTheValuesInTheOrderAskedFor()
    {
        Assert.Equal([2, 1], Parse("{\"a\": 1, \"b\": 2}").Exactly("b", "a").Select(value => value.Number(0, 9)));
        Assert.Contains("\"b\"", Assert.Throws<CloudsException>(() => Parse("{\"a\": 1}").Exactly("a", "b")).Message, StringComparison.Ordinal);
        Assert.Equal("unknown key", Assert.Throws<CloudsException>(() => Parse("{\"a\": 1, \"c\": 2}").Exactly("a", "b")).What);
    }

    [Fact]
    public void Get_KeyThatIsNotThere_NamesItsPath()
    {
        Assert.Null(Parse("{\"a\": {}}").Get("a").Find("b"));
        Assert.Contains("\"a.b\"", Assert.Throws<CloudsException>(() => Parse("{\"a\": {}}").Get("a").Get("b")).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<StrictJson>> OtherKinds => new()
    {
        { "an object", json => json.Find("a") },
        { "an object", json => json.WithKeys("a") },
        { "an object", json => json.Members() },
        { "a list", json => json.Items() },
        { "a list", json => json.Counts(3) },
        { "a string", json => json.TextOrEmpty() },
        { "a string that is not empty", json => json.Text() },
        { "one of x, y", json => json.OneOf("x", "y") },
    };

    [Theory]
    [MemberData(nameof(OtherKinds), DisableDiscoveryEnumeration = true)]
    public void AnyMember_ValueOfAnotherKind_SaysWhatIsExpected(string expected, Action<StrictJson> read)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => read(Parse("7")));
        Assert.Equal(("run.json:1:1", "7"), (failure.Where, failure.Found));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_AreReadAsTheyStand()
    {
        StrictJson json = Parse("{\"e\": \"\", \"w\": \"x\", \"l\": [3, 4]}");
        Assert.Equal("", json.Get("e").TextOrEmpty());
        Assert.Throws<CloudsException>(() => json.Get("e").Text());
        Assert.Equal("x", json.Get("w").OneOf("x", "y"));
        Assert.Equal([3L, 4L], json.Get("l").Counts(2));
        Assert.Throws<CloudsException>(() => json.Get("l").Counts(1));
    }

    [Fact]
    public void Wrong_LongValue_IsShortenedWithoutHalfACharacter()
    {
        string found = Assert.Throws<CloudsException>(() => Parse($"\"{new string('a', 58)}€€€\"").Items()).Found!;
        Assert.Equal($"\"{new string('a', 58)} ..", found);
    }

    private static StrictJson Parse(string json) => StrictJson.Parse(Encoding.UTF8.GetBytes(json), ByHand);

    private static CloudsException Refused(string json, JsonOrigin origin) =>
        Assert.Throws<CloudsException>(() => StrictJson.Parse(Encoding.UTF8.GetBytes(json), origin));
}
