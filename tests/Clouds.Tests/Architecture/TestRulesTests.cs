namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class TestRulesTests
{
    [Fact]
    public void TestClasses_EachHaveTheirKind() => Findings.AssertNone([.. TestClass.All().SelectMany(TestRules.CheckKind)]);

    [Fact]
    public void Folders_MirrorTheSources()
    {
        IEnumerable<string> files = TextFile.All(".cs").Select(file => file.Path)
            .Where(path => path.StartsWith("tests/Clouds.Tests/", StringComparison.Ordinal));

        Findings.AssertNone([.. files.SelectMany(path => TestRules.CheckFolder(path, folder => Directory.Exists(Path.Combine(Repository.Root, folder))))]);
    }

    [Fact]
    public void All_FindsThisClass()
    {
        TestClass found = Assert.Single(TestClass.All(), tests => tests.Name == typeof(TestRulesTests).FullName);

        Assert.Equal(TestKind.Fast, found.Kind);
        Assert.Equal(["Fact", "Theory"], found.Facts.Order());
    }

    [Theory]
    [InlineData(null, "Fact", "no kind: put [Kind(TestKind.Fast)] above it")]
    [InlineData(null, "NvrtcTheory", "no kind: put [Kind(TestKind.Emulated)] above it")]
    [InlineData(null, "PublishedFact", "no kind: put [Kind(TestKind.Published)] above it")]
    [InlineData(null, "CudaFact", "no kind: put [Kind(TestKind.Gpu)] above it")]
    [InlineData(TestKind.Fast, "CudaTheory", "kind Fast, but it runs on ONNX Runtime's CUDA provider")]
    [InlineData(TestKind.Emulated, "PublishedTheory", "kind Emulated, but it runs the published executable")]
    [InlineData(TestKind.Fast, "NvrtcFact", "kind Fast, but it compiles CUDA kernels")]
    public void CheckKind_WrongKind_SaysWhatToDo(TestKind? kind, string fact, string complaint)
        => Assert.Equal([$"A.BTests -> {complaint}"], TestRules.CheckKind(new TestClass("A.BTests", kind, ["Fact", fact])));

    [Theory]
    [InlineData(TestKind.Fast, "SharedDataFact")]
    [InlineData(TestKind.Emulated, "NvrtcFact")]
    [InlineData(TestKind.Emulated, "Fact")]
    [InlineData(TestKind.Gpu, "CudaFact")]
    [InlineData(TestKind.Published, "PublishedFact")]
    public void CheckKind_RightKind_FindsNothing(TestKind kind, string fact) => Assert.Empty(TestRules.CheckKind(new TestClass("A.BTests", kind, [fact])));

    [Theory]
    [InlineData("Runtime/Kernels/Ema/EmaTests.cs", "src/Clouds.Runtime/Kernels/Ema")]
    [InlineData("Runtime/EmaTests.cs", "src/Clouds.Runtime")]
    public void CheckFolder_NothingToMirror_IsNamed(string file, string mirrored)
        => Assert.StartsWith(
            $"tests/Clouds.Tests/{file} -> {mirrored}:", Assert.Single(TestRules.CheckFolder($"tests/Clouds.Tests/{file}", folder => folder == "src")));

    [Theory]
    [InlineData("Runtime/Kernels/EmaTests.cs")]
    [InlineData("Emulator/PtxRun.cs")]
    [InlineData("Architecture/Rules/ARulesTests.cs")]
    [InlineData("Repository.cs")]
    public void CheckFolder_SomethingToMirror_FindsNothing(string file) => Assert.Empty(
        TestRules.CheckFolder($"tests/Clouds.Tests/{file}", folder => folder is "src/Clouds.Runtime/Kernels" or "tools/Clouds.Emulator"));

    [Theory]
    [InlineData(TestKind.Fast, "fast")]
    [InlineData(TestKind.Gpu, "gpu")]
    public void KindAttribute_IsTheTraitThatFiltersName(TestKind kind, string value)
        => Assert.Equal([new("Kind", value)], new KindAttribute(kind).GetTraits());
}
