using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class LockFilesTests
{
    [Fact]
    public void EveryProject_HasALockFile()
    {
        IEnumerable<string> unlocked = new[] { "src", "tests", "tools" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(project => !File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")));

        Assert.Empty(unlocked);
    }

    [Fact]
    public void LockFilesOfTheCudaForm_DifferFromTheOthersInOnnxRuntimeOnly()
    {
        IEnumerable<string> files = new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "packages.lock.json", SearchOption.AllDirectories))
            .Where(file => File.ReadAllText(file).Contains("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal));

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(Versions(file), Versions(file.Replace("packages.lock", "packages.cuda.lock", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Microsoft.ML.OnnxRuntime")]
    [InlineData("Microsoft.ML.OnnxRuntime.Gpu.Linux")]
    public void Readme_NamesTheReleaseThatIsBuiltWith(string package)
    {
        string reference = $"Include=\"{package}\" Version=\"";
        string Release(string file) => File.ReadAllText(Path.Combine(Repository.Root, file)).Split(reference)[1].Split('"')[0];

        Assert.Equal(Release("Directory.Packages.props"), Release("README.md"));
    }

    [Fact]
    public void LockFiles_NameNoHost()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "packages*.lock.json", SearchOption.AllDirectories);

        Findings.AssertNone([.. files.SelectMany(file => Hosts(file, File.ReadAllText(file)))]);
    }

    [Theory]
    [InlineData("\"resolved\": \"https://feed.example/a.nupkg\"", 1)]
    [InlineData("\"resolved\": \"2.9.1\"", 0)]
    public void Hosts_FindsPackageAddressesOnly(string text, int findings)
        => Assert.Equal(findings, Hosts("sample.json", text).Count);

    private static IEnumerable<string> Versions(string lockFile)
        => File.ReadLines(lockFile)
            .Where(line => !line.Contains("contentHash", StringComparison.Ordinal))
            .Select(line => line.Replace(".Gpu.Linux", "", StringComparison.Ordinal));

    private static IReadOnlyList<string> Hosts(string file, string text)
        => [.. Regex.Matches(text, "\"resolved\": *\"[a-z+]+://[^\"]*\"").Select(match => $"{file} -> {match.Value}: lock files name no host")];
}
