namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class SourceRulesTests
{
    private static readonly IReadOnlyList<SourceFile> Source = SourceFile.Below("src");
    private static readonly IReadOnlyList<SourceFile> All = [.. Source, .. SourceFile.Below("tests", "tools")];

    [Fact]
    public void Names_SayWhatThingsAre() => Findings.AssertNone([.. All.SelectMany(SourceRules.CheckNames)]);

    [Fact]
    public void Source_IsFinished() => Findings.AssertNone([.. Source.SelectMany(SourceRules.CheckMarks)]);

    [Fact]
    public void NativeCode_StandsInItsFolders() => Findings.AssertNone([.. Source.SelectMany(SourceRules.CheckNative)]);

    [Fact]
    public void Devices_AreOpenedByTheirOwner() => Findings.AssertNone([.. Source.SelectMany(SourceRules.CheckDevices)]);

    [Fact]
    public void Files_AreShort() => Findings.AssertNone([.. All.SelectMany(SourceRules.CheckSize)]);

    [Fact]
    public void Lines_FitAScreen() => Findings.AssertNone([.. TextFile.All(".cs", ".cu", ".cuh").SelectMany(SourceRules.CheckWidth)]);

    [Fact]
    public void LongFiles_ListOnlyFilesThatAreLong()
    {
        IEnumerable<string> longFiles = All.Where(file => file.Lines > SourceRules.LongestFile).Select(file => file.Path);

        Assert.Empty(SourceRules.LongFiles.Keys.Except(longFiles));
    }

    [Theory]
    [InlineData("internal static class TensorUtils { }", "TensorUtils")]
    [InlineData("public sealed record struct ShapeHelper(int A);", "ShapeHelper")]
    [InlineData("interface ISessionManager { }", "ISessionManager")]
    [InlineData("class LossCommon { }", "LossCommon")]
    [InlineData("class LossMisc { }", "LossMisc")]
    [InlineData("class DecoderImpl { }", "DecoderImpl")]
    [InlineData("class DecoderBase { }", "DecoderBase")]
    public void CheckNames_BagName_IsNamed(string code, string name)
        => Assert.StartsWith($"src/P/F/A.cs -> {name}:", Assert.Single(SourceRules.CheckNames(File(code))));

    [Theory]
    [InlineData("abstract class DecoderBase { }")]
    [InlineData("class A { string s = \"class LossUtils\"; } // class LossHelper")]
    public void CheckNames_AbstractBaseOrMereText_IsFine(string code) => Assert.Empty(SourceRules.CheckNames(File(code)));

    [Fact]
    public void CheckNames_BagFolder_IsNamed()
        => Assert.Contains("-> Helpers:", Assert.Single(SourceRules.CheckNames(new SourceFile("src/P/Helpers/A.cs", "class A { }"))));

    [Theory]
    [InlineData("Gpu gpu = Gpu.Open(driver);", "Gpu.Open")]
    [InlineData("options.AppendExecutionProvider_CUDA(cuda);", "AppendExecutionProvider_CUDA")]
    [InlineData("int count = CudaContext.Count(CudaDriver.Default);", "CudaDriver.Default")]
    public void CheckDevices_OpenedPastTheirOwner_IsNamed(string code, string opening)
        => Assert.StartsWith($"src/P/F/A.cs -> {opening}:", Assert.Single(SourceRules.CheckDevices(File(code))));

    [Theory]
    [InlineData("// TO" + "DO later", "TO" + "DO")]
    [InlineData("// FIX" + "ME", "FIX" + "ME")]
    [InlineData("throw new NotImplementedException();", "NotImplementedException")]
    [InlineData("global using Clouds.Graph;", "global using")]
    [InlineData("#region fields", "#region")]
    public void CheckMarks_UnfinishedOrHidden_IsNamed(string code, string mark)
        => Assert.StartsWith($"src/P/F/A.cs -> {mark}:", Assert.Single(SourceRules.CheckMarks(File(code))));

    [Theory]
    [InlineData("[DllImport(\"c\")] static extern int getpid();", "DllImport")]
    [InlineData("[LibraryImport(\"c\")] static partial int getpid();", "LibraryImport")]
    [InlineData("unsafe class A { delegate* unmanaged<int> f; }", "delegate* unmanaged")]
    public void CheckNative_EntryPointElsewhere_IsNamed(string code, string entry)
        => Assert.StartsWith($"src/P/F/A.cs -> {entry}:", Assert.Single(SourceRules.CheckNative(File(code))));

    [Fact]
    public void CheckNative_EntryPointInTheRuntime_IsFine()
        => Assert.Empty(SourceRules.CheckNative(new SourceFile("src/Clouds.Runtime/Native/A.cs", "[DllImport(\"c\")] static extern int getpid();")));

    [Theory]
    [InlineData(300, 0)]
    [InlineData(301, 1)]
    public void CheckSize_CountsLines(int lines, int findings)
        => Assert.Equal(findings, SourceRules.CheckSize(File(string.Concat(Enumerable.Repeat("x\n", lines)))).Count);

    [Theory]
    [InlineData(160, 0)]
    [InlineData(161, 1)]
    public void CheckWidth_CountsColumns(int columns, int findings)
    {
        string line = new('·', columns);

        Assert.Equal(findings, SourceRules.CheckWidth(new TextFile("kernels/a.cu", $"short\n{line}\r\n")).Count);
    }

    [Fact]
    public void CheckWidth_LongLine_IsNamed()
    {
        string finding = Assert.Single(SourceRules.CheckWidth(new TextFile("kernels/a.cu", "\n" + new string('x', 170))));

        Assert.StartsWith("kernels/a.cu:2 -> 170 columns:", finding);
    }

    [Theory]
    [InlineData("a /* b\n c */ d", "a  \n d")]
    [InlineData("a // \"b\nc", "a  \nc")]
    [InlineData("a(\"b\\\"c\") d", "a( ) d")]
    [InlineData("a($@\"b\\\") d", "a( ) d")]
    [InlineData("a(\"\"\"b \" c\"\"\") d", "a( ) d")]
    [InlineData("a('\"') d", "a( ) d")]
    public void Code_HasNoCommentsAndNoLiterals(string text, string code) => Assert.Equal(code, File(text).Code);

    private static SourceFile File(string text) => new("src/P/F/A.cs", text);
}
