using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class FormatVersionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("2")]
    public void Require_KnownVersion_IsAccepted(string? version)
    {
        using WeightSource file = Write(version);
        FormatVersion.Require(file, "model", newest: 2);
    }

    [Theory]
    [InlineData("3", "the model was written by a newer version")]
    [InlineData("two", "no number")]
    [InlineData("0", "no number")]
    public void Require_UnknownVersion_SaysWhatWasFoundAndWhatCanBeRead(string version, string what)
    {
        using WeightSource file = Write(version);
        CloudsException failure = Assert.Throws<CloudsException>(() => FormatVersion.Require(file, "model", newest: 2));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(what, failure.What, StringComparison.Ordinal);
        Assert.Equal((file.Path, $"clouds.format {version}"), (failure.Where, failure.Found));
        Assert.Contains("format 1 to 2", failure.Message, StringComparison.Ordinal);
    }

    private WeightSource Write(string? version)
    {
        string path = _folder["model.safetensors"];
        Dictionary<string, string> metadata = version is null ? [] : new() { [FormatVersion.MetadataKey] = version };
        using (SafetensorsWriter writer = new(path, [new TensorDeclaration("one", WeightType.F32, [1])], metadata))
        {
            writer.Write("one", new[] { 1f });
            writer.Commit();
        }

        return WeightSource.Open(path);
    }
}
