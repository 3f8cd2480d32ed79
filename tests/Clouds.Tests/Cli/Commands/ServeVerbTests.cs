using System.Text.Json;
using Clouds.Server.Options;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ServeVerbTests
{
    [Fact]
    public void Serve_InterruptedWhileItListens_HasPrintedItsAddressAndEndsWith130()
    {
        using TemporaryFolder folder = new();
        CommandLineRun run = CommandLineRun.Interrupted(
            "other machines can reach", "serve", TinyRun.Model, "--device", "cpu", "--listen", "0.0.0.0", "--token-file", folder["token"], "--json");
        Assert.Equal(130, run.ExitCode);
        JsonElement listening = JsonDocument.Parse(run.Out).RootElement;
        Assert.StartsWith("http://0.0.0.0:", listening.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.EndsWith($"#token={AccessToken.FromFile(folder["token"])}", listening.GetProperty("page").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "MODEL, --sam FILE or both", "serve")]
    [InlineData(2, "this is no address", "serve", "MODEL", "--listen", "localhost")]
    [InlineData(2, "--port", "serve", "MODEL", "--port", "70000")]
    [InlineData(2, "--queue", "serve", "MODEL", "--queue", "-1")]
    [InlineData(2, "--timeout", "serve", "MODEL", "--timeout", "0")]
    [InlineData(2, "--drain", "serve", "MODEL", "--drain", "NaN")]
    [InlineData(2, "--max-body", "serve", "MODEL", "--max-body", "4096")]
    [InlineData(3, "there is no such folder to open", "serve", "MODEL", "--open", "/no/such/folder")]
    [InlineData(3, "there is no such model", "serve", "/no/such/model.safetensors")]
    [InlineData(3, "Segment Anything", "serve", "--sam", "/no/such/sam.pt")]
    public void Serve_WrongOption_IsNamed(int exitCode, string said, params string[] arguments)
    {
        CommandLineRun run = CommandLineRun.Clouds([.. arguments.Select(argument => argument == "MODEL" ? TinyRun.Model : argument), "--device", "cpu"]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }
}
