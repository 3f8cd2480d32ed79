using System.IO.Compression;
using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Cli.Diagnosis;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.Diagnosis;

[Kind(TestKind.Fast)]
public sealed class DoctorBundleTests : IDisposable
{
    private static readonly Anonymity Ada = new("/opt/secret/bin/", "/data/secret", "/home/ada", "ada", "turing.example.org");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("free at /data/secret", "free at .")]
    [InlineData("/data/secrets and /data/secret/x.so", "/data/secrets and ./x.so")]
    [InlineData("/opt/secret/bin/libvips.so.42", "PROGRAM/libvips.so.42")]
    [InlineData("'/home/ada/.local/lib': loaded", "'~/.local/lib': loaded")]
    [InlineData("/home/grace/venv/lib/libcudart.so.13", "/home/USER/venv/lib/libcudart.so.13")]
    [InlineData("/scratch/Ada/x, adapter, ada@turing, TURING.local", "/scratch/USER/x, adapter, USER@HOST, HOST.local")]
    [InlineData("/usr/lib/libcuda.so.1", "/usr/lib/libcuda.so.1")]
    public void Anonymity_OfAText_TakesOutWhatNamesSomebody(string text, string expected) => Assert.Equal(expected, Ada.Of(text));

    [Fact]
    public void Anonymity_OfARootFolderOrNoName_LeavesTheTextAlone() => Assert.Equal("/a/b c", new Anonymity("/", "/", "/", "", "").Of("/a/b c"));

    [Fact]
    public void Anonymity_OfJson_KeepsKeysNumbersAndNull()
        => Assert.Equal(
            """{"ada":["USER",1.5,null,true],"x":{"y":"~"}}""",
            Ada.OfJson("""{"ada": ["ada", 1.5, null, true], "x": {"y": "/home/ada"}}""").ReplaceLineEndings("").Replace(" ", ""));

    [Fact]
    public void Bundle_OfThisMachine_HoldsEveryPartAndNamesNobody()
    {
        string file = _folder["out/clouds.zip"];
        IReadOnlyList<Verb> verbs = [];
        verbs = [new VersionVerb(), new DoctorVerb([new Gossip(), .. MachineChecks.All.Take(3)], () => verbs)];
        CommandLineRun run = CommandLineRun.Of(verbs, "doctor", "--bundle", file);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("with failures in kernels, bench; user, host and folders are taken out", run.Out, StringComparison.Ordinal);
        Dictionary<string, string> parts = Read(file);
        Assert.Equal(["bench.log", "doctor.json", "kernels.log", "parts.json", "version.json"], parts.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("the verb is unknown", parts["bench.log"]);
        Assert.Equal(2, JsonDocument.Parse(parts["parts.json"]).RootElement.GetProperty("kernels").GetInt32());
        Assert.Contains("I am USER on HOST, at home in ~", parts["doctor.json"]);
        Assert.All(parts.Values, part => Assert.All(
            [Environment.CurrentDirectory, AppContext.BaseDirectory.TrimEnd('/'), _folder.Path],
            secret => Assert.DoesNotContain(secret, part, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void Bundle_Device_GoesToEveryPart()
    {
        List<string> lines = [];
        DoctorBundle bundle = new(
            (words, output, error) =>
            {
                lines.Add(string.Join(' ', words));
                output.Write("{}");
                return 0;
            },
            Ada);
        bundle.Write(_folder["clouds.zip"], ["--device", "cuda:1"], _ => { });
        Assert.Equal(DoctorBundle.Parts.Count, lines.Count);
        Assert.All(lines, line => Assert.EndsWith("--json --device cuda:1", line));
        Assert.Contains(lines, line => line.StartsWith("bench kernels --quick", StringComparison.Ordinal));
    }

    [Fact]
    public void Parts_EachOfThem_IsAVerbWithItsOptions() => Assert.All(DoctorBundle.Parts, part =>
    {
        Verb verb = VerbList.All.Single(verb => string.Join(' ', part.Arguments).StartsWith(verb.Name, StringComparison.Ordinal));
        Assert.IsAssignableFrom(verb.OptionsType, OptionParser.Parse(verb, [.. part.Arguments.Skip(verb.Name.Split(' ').Length)]));
    });

    private static Dictionary<string, string> Read(string file)
    {
        using ZipArchive archive = ZipFile.OpenRead(file);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using StreamReader reader = new(entry.Open());
            return reader.ReadToEnd();
        });
    }

    /// <summary>A finding that tells everything about its user.</summary>
    private sealed class Gossip : IMachineCheck
    {
        public IEnumerable<Finding> Examine()
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            yield return new Finding("gossip", FindingState.Good, $"I am {Environment.UserName} on {Environment.MachineName}, at home in {home}");
        }
    }
}
