using System.Diagnostics;
using System.Text.RegularExpressions;
using Clouds.Native.Images;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

/// <summary>
/// Programs of embedders, outside the repository, built against the package as it is packed now and run. The package has a version of its own in each run
/// and a package folder of its own, so that no older one is ever used; what it depends on comes from the folder of the repository's own restore.
/// </summary>
[Kind(TestKind.Published)]
public sealed class EmbedderTests : IClassFixture<EmbedderTests.Package>
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
            <SelfContained>false</SelfContained>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Clouds.Native" Version="[$(CloudsVersion)]" />
          </ItemGroup>
        </Project>
        """;

    private readonly Package _package;

    public EmbedderTests(Package package) => _package = package;

    [Fact]
    public void Program_OfAHost_DoesEverythingOfTheFrontDoor()
    {
        using TemporaryFolder folder = new();
        string output = _package.Run(folder.Path, File.ReadAllText(Path.Combine(Source, "Program.cs")), TinyRun.Model, folder["work/"]);
        Assert.Equal(
            [
                "failures", "load and warm-up", "streams and spans", "async and batch", "cancellation and disposal", "training", "log and metrics",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["ok: ".Length..]));
    }

    [Fact]
    public void Readme_ExampleAsPasted_LabelsAnImage()
    {
        using TemporaryFolder folder = new();
        File.Copy(TinyRun.Model, folder["model.safetensors"]);
        ImageFile.WriteJpeg(folder["street.jpg"], Pictures.Gradient(80, 60));
        Assert.Contains(" %", _package.Run(folder.Path, Pasted("README.md", "segment")), StringComparison.Ordinal);
        LabelMap labels = LabelPng.Read(folder["street.labels.png"]);
        Assert.Equal((80, 60), (labels.Width, labels.Height));
    }

    [Fact]
    public void EmbeddingPage_FiveLinesAsPasted_TrainAModel()
    {
        using TemporaryFolder folder = new();
        string program = Pasted("docs/embedding.md", "train");
        Assert.Equal(5, program.Split('\n').Count(line => line.Trim().Length > 0) - 1);
        Assert.Single(Regex.Matches(program, "^using [A-Za-z.]+;$", RegexOptions.Multiline));
        string shorter = program.Replace("count=200", "count=2&width=96&height=64", StringComparison.Ordinal)
            .Replace("Steps = 300", "Steps = 2, Batch = 1", StringComparison.Ordinal);
        Assert.Matches(@"model\.safetensors: loss \d+[.,]\d+ after 2 steps", _package.Run(folder.Path, shorter));
        Assert.True(File.Exists(folder["run/model.safetensors"]));
    }

    private static string Source => Path.Combine(Repository.Root, "tests", "embedder");

    // What a reader takes with the mouse.
    private static string Pasted(string document, string example)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, document)).Split($"<!-- example: {example} -->")[1].Split("<!-- end of example -->")[0];
        return text.Split("```csharp\n")[1].Split("```")[0];
    }

    /// <summary>The package, packed once under a version that nothing else has.</summary>
    public sealed class Package : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly string _version = $"0.0.1-t{Guid.NewGuid():N}";

        public Package()
        {
            string project = Path.Combine(Repository.Root, "src", "Clouds.Native", "Clouds.Native.csproj");
            string[] command = ["pack", project, "-c", "Release", "--no-build", "-v", "quiet", "-nologo", $"-p:Version={_version}", "-o", _folder["feed"]];
            Dotnet(Repository.Root, command);
        }

        /// <summary>Builds a program in a folder and runs it there; its output.</summary>
        public string Run(string folder, string program, params string[] arguments)
        {
            string sources = Directory.CreateDirectory(Path.Combine(folder, "program")).FullName;
            File.WriteAllText(Path.Combine(sources, "Program.cs"), program);
            File.WriteAllText(Path.Combine(sources, "embedder.csproj"), Project);
            string shared = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            Dotnet(
                sources,
                [
                    "build", "-c", "Release", "-v", "quiet", "-nologo", $"-p:CloudsVersion={_version}", $"-p:RestoreSources={_folder["feed"]}",
                    $"-p:RestorePackagesPath={_folder["packages"]}", $"-p:RestoreFallbackFolders={shared}",
                ]);
            return Start(folder, Path.Combine(sources, "bin", "Release", "net10.0", "linux-x64", "embedder"), arguments);
        }

        public void Dispose() => _folder.Dispose();

        private static void Dotnet(string folder, string[] arguments) => Start(folder, "dotnet", arguments);

        private static string Start(string folder, string program, string[] arguments)
        {
            ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output + error.Result);
            return output;
        }
    }
}
