using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Clouds.Tests.Published;

/// <summary>What `./build.sh pack` makes of the libraries that these tests run.</summary>
[Kind(TestKind.Published)]
public sealed class PackagesTests : IClassFixture<PackagesTests.Packages>
{
    private const string Native = "Clouds.Native";
    private const string ImageSharp = "Clouds.Native.ImageSharp";
    private readonly Packages _packages;

    public PackagesTests(Packages packages) => _packages = packages;

    [Fact]
    public void Native_HasThreeAssembliesToCompileAgainst_AndItsLayersToRun()
    {
        string[] surface = ["Clouds.Diagnostics", "Clouds.Native", "Clouds.Native.Training"];
        Assert.Equal(surface.SelectMany(name => (string[])[$"{name}.dll", $"{name}.xml"]).Order(), FilesIn(Native, "ref/net10.0/"));
        string[] layers = [.. surface, "Clouds.Graph", "Clouds.Models", "Clouds.Runtime", "Clouds.Training"];
        Assert.Equal(layers.Select(name => $"{name}.dll").Order(), FilesIn(Native, "lib/net10.0/"));
    }

    [Fact]
    public void ImageSharp_HasItsOwnAssemblyOnly()
        => Assert.Equal(["Clouds.Native.ImageSharp.dll", "Clouds.Native.ImageSharp.xml"], FilesIn(ImageSharp, "lib/net10.0/"));

    [Theory]
    [InlineData(
        Native, "Google.Protobuf", "Microsoft.Extensions.FileSystemGlobbing", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.ML.OnnxRuntime",
        "Microsoft.ML.Tokenizers", "NetVips", "NetVips.Native.linux-x64", "System.IO.Hashing")]
    // Central versions are pinned, so that what comes through Clouds.Native is named here as well.
    [InlineData(
        ImageSharp, "Clouds.Native", "Google.Protobuf", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.ML.OnnxRuntime",
        "Microsoft.ML.Tokenizers", "NetVips", "NetVips.Native.linux-x64", "SixLabors.ImageSharp", "System.IO.Hashing")]
    public void Package_DependsOnWhatIsReferenced_InTheVersionsOfTheBuild(string package, params string[] names)
    {
        Dictionary<string, string> wanted = Versions();
        wanted[Native] = _packages.Version;
        Assert.Equal(names.Select(name => (name, wanted[name])), Dependencies(package).Order());
    }

    [Theory]
    [InlineData(Native, "Clouds.Native.Segmentation.Segmenter", "ref/net10.0/Clouds.Native.xml")]
    [InlineData(Native, "Clouds.Diagnostics.CloudsException", "ref/net10.0/Clouds.Diagnostics.xml")]
    [InlineData(Native, "Clouds.Native.Training.SegmenterTraining", "ref/net10.0/Clouds.Native.Training.xml")]
    [InlineData(ImageSharp, "Clouds.Native.ImageSharp.ImageSharpSegmentation", "lib/net10.0/Clouds.Native.ImageSharp.xml")]
    public void Documentation_TellsOfTheFrontDoor(string package, string type, string file)
        => Assert.Contains($"\"T:{type}\"", _packages.Text(package, file), StringComparison.Ordinal);

    [Theory]
    [InlineData(Native)]
    [InlineData(ImageSharp)]
    public void Package_NamesItsLicenceAndHasAReadmeWhoseLinksResolve(string package)
    {
        XElement metadata = Metadata(package);
        Assert.Equal("MIT", Value(metadata, "license"));
        string readme = _packages.Text(package, Value(metadata, "readme"));
        Assert.StartsWith($"# {(package == Native ? "Embedding " : "")}{package}", readme, StringComparison.Ordinal);
        IEnumerable<string> links = Regex.Matches(readme, @"\]\((?<target>[^)\s]+)\)").Select(match => match.Groups["target"].Value);
        Assert.All(links, link => Assert.True(link.StartsWith("https:", StringComparison.Ordinal) || _packages.Names(package).Contains(link), link));
    }

    [Fact]
    public void Native_SaysWhereItComputes()
    {
        string description = Value(Metadata(Native), "description");
        Assert.Contains("CPU", description, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu.Linux", description, StringComparison.Ordinal);
    }

    [Fact]
    public void Native_CarriesTheNoticesOfOthers() => Assert.Superset(new HashSet<string> { "LICENSE", "THIRD-PARTY-NOTICES.md" }, _packages.Names(Native));

    private static Dictionary<string, string> Versions()
        => XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
        .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);

    private static string Value(XElement metadata, string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

    private string[] FilesIn(string package, string folder)
        => [.. _packages.Names(package).Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Select(name => name[folder.Length..]).Order()];

    private XElement Metadata(string package) => XDocument.Parse(_packages.Text(package, $"{package}.nuspec")).Root!.Elements().Single();

    private IEnumerable<(string, string)> Dependencies(string package)
        => Metadata(package).Descendants().Where(element => element.Name.LocalName == "dependency")
        .Select(element => (element.Attribute("id")!.Value, element.Attribute("version")!.Value));

    /// <summary>Both packages, made once.</summary>
    public sealed class Packages : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Dictionary<string, ZipArchive> _archives = [];

        public Packages()
        {
            foreach (string project in (string[])[Native, ImageSharp])
            {
                Pack(project);
                string file = Directory.GetFiles(_folder["packages"]).Single(path => Regex.IsMatch(path, $@"/{project}\.\d[^/]*\.nupkg$"));
                _archives[project] = ZipFile.OpenRead(file);
            }

            Version = Value(XDocument.Parse(Text(Native, $"{Native}.nuspec")).Root!.Elements().Single(), "version");
        }

        public string Version { get; }

        public HashSet<string> Names(string package) => [.. _archives[package].Entries.Select(entry => entry.FullName)];

        public string Text(string package, string name)
        {
            using StreamReader reader = new(_archives[package].GetEntry(name)!.Open());
            return reader.ReadToEnd();
        }

        public void Dispose()
        {
            _archives.Values.ToList().ForEach(archive => archive.Dispose());
            _folder.Dispose();
        }

        private void Pack(string project)
        {
            string command = $"pack src/{project}/{project}.csproj -c Release --no-build -v quiet -nologo -o";
            ProcessStartInfo start = new("dotnet", [.. command.Split(' '), _folder["packages"]])
            {
                WorkingDirectory = Repository.Root,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
        }
    }
}
