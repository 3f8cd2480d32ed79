using System.Reflection;

namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class ProjectArrowsTests
{
    public static TheoryData<string> Projects => [.. ProjectArrows.Layers.Keys];

    [Fact]
    public void Layers_AreTheProjectsBelowSrc()
    {
        IEnumerable<string?> folders = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName);

        Assert.Equal(ProjectArrows.Layers.Keys.Order(), folders.Order());
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectFile_ReferencesOnlyLayersBelow(string project)
    {
        string csproj = File.ReadAllText(Path.Combine(Repository.Root, "src", project, project + ".csproj"));

        Findings.AssertNone(ProjectArrows.CheckDeclared(project, csproj));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void BuiltAssembly_ReferencesOnlyLayersBelow(string project)
    {
        Assembly assembly = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, ProjectArrows.Layers[project].Assembly + ".dll"));
        IEnumerable<string> references = assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

        Findings.AssertNone(ProjectArrows.CheckBuilt(project, references));
    }

    [Fact]
    public void ImageSharp_IsKnownToItsAdapterAlone()
    {
        IEnumerable<string> files = new[] { "src", "tools" }.SelectMany(folder =>
            Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories));

        string knows = Assert.Single(files, file => File.ReadAllText(file).Contains("ImageSharp", StringComparison.Ordinal));

        Assert.Equal("Clouds.Native.ImageSharp.csproj", Path.GetFileName(knows));
    }

    [Fact]
    public void CheckDeclared_ReverseArrow_NamesBothEnds()
    {
        const string Csproj = """<Project><ItemGroup><ProjectReference Include="..\Clouds.Native\Clouds.Native.csproj" /></ItemGroup></Project>""";

        string finding = Assert.Single(ProjectArrows.CheckDeclared("Clouds.Graph", Csproj));

        Assert.StartsWith("Clouds.Graph -> Clouds.Native:", finding);
    }

    [Fact]
    public void CheckBuilt_OnnxRuntimeAboveTheRuntime_NamesBothEnds()
    {
        string finding = Assert.Single(ProjectArrows.CheckBuilt("Clouds.Native", ["System.Runtime", "Clouds.Graph", "Microsoft.ML.OnnxRuntime"]));

        Assert.StartsWith("Clouds.Native -> Microsoft.ML.OnnxRuntime:", finding);
    }
}
