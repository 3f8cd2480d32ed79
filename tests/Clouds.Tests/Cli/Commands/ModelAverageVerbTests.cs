using Clouds.Graph.Weights;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelAverageVerbTests : IDisposable
{
    private const string Weight = "sem_seg_head.predictor.class_embed.weight";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Average_RunThatKeepsThree_IsTheMeanOfTheirParametersAndIsEvaluatedAsAModel()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 5));
        CommandLineRun run = Average(_folder["run"]);
        Assert.True(run.ExitCode == 0, run.Error);
        float[][] parts = [.. new[] { "checkpoint-3", "checkpoint-4", "checkpoint" }.Select(name => Read($"run/{name}.safetensors"))];
        Assert.NotEqual(parts[0], parts[2]);
        IEnumerable<float> mean = Enumerable.Range(0, parts[0].Length).Select(i => (float)((parts[0][i] + (double)parts[1][i] + parts[2][i]) / 3));
        Assert.Equal(mean, Read("mean.safetensors"));

        CommandLineRun scored = CommandLineRun.Clouds("evaluate", _folder["mean.safetensors"], "--data", TinyRun.Streets);
        Assert.True(scored.ExitCode == 0, scored.Error);
    }

    [Fact]
    public void Average_OneModel_HasItsBitsAndSaysWhatItIs()
    {
        Assert.Equal(0, Average(TinyRun.Model).ExitCode);
        using WeightSource before = WeightSource.Open(TinyRun.Model), after = WeightSource.Open(_folder["mean.safetensors"]);
        Assert.Equal(before.Tensors.Keys.Order(), after.Tensors.Keys.Order());
        Assert.All(before.Tensors.Keys, name => Assert.Equal(before.ReadFloats(name), after.ReadFloats(name)));
        Assert.Equal("model.safetensors", after.Metadata["clouds.average"]);
    }

    [Fact]
    public void Average_FrozenEncoder_StaysAsItWas()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 3, "--set", "training.encoder.trainable=false"));
        Assert.Equal(0, Average(_folder["run"]).ExitCode);
        using WeightSource before = WeightSource.Open(_folder["run/model.safetensors"]), after = WeightSource.Open(_folder["mean.safetensors"]);
        string[] encoder = [.. before.Tensors.Keys.Where(name => name.StartsWith("backbone.", StringComparison.Ordinal))];
        Assert.NotEmpty(encoder);
        Assert.All(encoder, name => Assert.Equal(before.ReadFloats(name), after.ReadFloats(name)));
        Assert.NotEqual(before.ReadFloats(Weight), after.ReadFloats(Weight));
    }

    [Fact]
    public void Average_TeacherThatARunDoesNotKeep_IsRefused()
    {
        CommandLineRun run = Average(Path.GetDirectoryName(TinyRun.Model)!, "--teacher");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("the file has no teacher", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["mean.safetensors"]));
    }

    [Fact]
    public void Average_CheckpointWithoutAModelBesideIt_SaysWhereOneComesFrom()
    {
        File.Copy(Path.Combine(Path.GetDirectoryName(TinyRun.Model)!, "checkpoint.safetensors"), _folder["alone.safetensors"]);
        CommandLineRun run = Average(_folder["alone.safetensors"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("there is no model beside the checkpoint", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Average_ModelsOfDifferentNetworks_IsRefused()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 1, "--set", "training.network.transformerDecoder.queries=21"));
        CommandLineRun run = Average(TinyRun.Model, _folder["run/model.safetensors"]);
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("not of one network", run.Error, StringComparison.Ordinal);
    }

    private CommandLineRun Average(params string[] what) => CommandLineRun.Clouds(["model", "average", .. what, "--out", _folder["mean.safetensors"]]);

    private float[] Read(string file)
    {
        using WeightSource source = WeightSource.Open(_folder[file]);
        return source.ReadFloats(Weight);
    }
}
