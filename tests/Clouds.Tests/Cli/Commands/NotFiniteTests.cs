using Clouds.Graph.Weights;
using Clouds.Native.Images;
using Clouds.Tests.Native;
using Clouds.Training.Sources;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Weights and answers that are infinite or no number: every verb ends with 7 and names them.</summary>
[Kind(TestKind.Fast)]
public sealed class NotFiniteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NotFiniteTests()
    {
        Directory.CreateDirectory(_folder["photos"]);
        ImageFile.WritePng(_folder["photos/a.png"], Pictures.Noise(40, 40));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("trunk.stem.0.weight", float.NaN, WeightType.F32)]
    [InlineData("class_embed.bias", float.NaN, WeightType.F32)]
    [InlineData("class_embed.bias", float.PositiveInfinity, WeightType.F16)]
    [InlineData("class_embed.bias", float.NegativeInfinity, WeightType.BF16)]
    public void Weights_NotFinite_AreNamedByEveryVerbThatLoadsAModel(string tensor, float value, WeightType type)
    {
        string name = Rewrite(TinyRun.Model, _folder["model.safetensors"], tensor, values => values[^1] = value, type);
        AssertNamed(CommandLineRun.Clouds("segment", _folder["model.safetensors"], _folder["photos"], "--out", _folder["out"], "--device", "cpu"), name);
        AssertNamed(CommandLineRun.Clouds("evaluate", _folder["model.safetensors"], "--data", TinyRun.Streets, "--device", "cpu"), name);
        Assert.False(File.Exists(_folder["out/a.labels.png"]));
    }

    [Theory]
    [InlineData("class_embed.weight", "class_logits")]
    [InlineData("mask_embed.layers.2.weight", "mask_logits")]
    public void Answers_NotFinite_AreNamedWithTheImage(string tensor, string output)
    {
        Rewrite(TinyRun.Model, _folder["model.safetensors"], tensor, values => Array.Fill(values, float.MaxValue), WeightType.F32);
        CommandLineRun segment =
            CommandLineRun.Clouds("segment", _folder["model.safetensors"], _folder["photos"], "--out", _folder["out"], "--device", "cpu");
        AssertNamed(segment, output);
        Assert.Contains("photos/a.png", segment.Error, StringComparison.Ordinal);
        CommandLineRun evaluate = CommandLineRun.Clouds("evaluate", _folder["model.safetensors"], "--data", TinyRun.Streets, "--device", "cpu");
        AssertNamed(evaluate, output);
        Assert.Contains($"{DatasetSource.Open(TinyRun.Streets).SampleName(0)}, output {output}", evaluate.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Train_EncoderNotFinite_IsRefusedBeforeTheFirstStep(string trainable)
    {
        string name = Rewrite(TinyRun.Model, _folder["encoder.safetensors"], "trunk.", values => values[^1] = float.NaN, WeightType.F32);
        string[] settings = ["--set", $"training.encoder.trainable={trainable}", "--set", $"training.encoder.weights={_folder["encoder.safetensors"]}"];
        AssertNamed(CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 2, settings)), name);
        Assert.False(File.Exists(_folder["run/checkpoint.safetensors"]));
    }

    [Theory]
    [InlineData("class_embed.bias")]
    [InlineData("adamw.exp_avg_sq/")]
    public void Resume_CheckpointNotFinite_IsRefused(string tensor)
    {
        CommandLineRun.Interrupted("train 1/3", TinyRun.Train(_folder["run"], 3));
        string checkpoint = _folder["run/checkpoint.safetensors"];
        string name = Rewrite(checkpoint, checkpoint, tensor, values => values[0] = float.PositiveInfinity, WeightType.F32);
        AssertNamed(CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume"), name);
    }

    private static void AssertNamed(CommandLineRun run, string name)
    {
        Assert.True(run.ExitCode == 7, $"{run.ExitCode}: {run.Error}");
        Assert.Contains(name, run.Error, StringComparison.Ordinal);
    }

    // The file with the first tensor changed whose name holds a text: that tensor is of the type, all others stay F32.
    private static string Rewrite(string from, string to, string tensor, Action<float[]> change, WeightType type)
    {
        using WeightSource source = WeightSource.Open(from);
        TensorEntry[] tensors = [.. source.Tensors.Values.OrderBy(entry => entry.Offset)];
        string changed = tensors.First(entry => entry.Name.Contains(tensor, StringComparison.Ordinal)).Name;
        using SafetensorsWriter writer =
            new(to, [.. tensors.Select(t => new TensorDeclaration(t.Name, t.Name == changed ? type : t.Type, t.Shape))], source.Metadata);
        foreach (TensorEntry entry in tensors)
        {
            if (entry.Name != changed)
            {
                writer.Write(entry.Name, entry.Slice(0, (int)entry.Elements));
                continue;
            }

            float[] values = source.ReadFloats(entry.Name);
            change(values);
            writer.Write(entry.Name, Bytes(values, type));
        }

        writer.Commit();
        return changed;
    }

    private static byte[] Bytes(float[] values, WeightType type) => type switch
    {
        WeightType.F16 => [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))],
        WeightType.BF16 => [.. values.SelectMany(value => BitConverter.GetBytes(value)[2..])],
        _ => [.. values.SelectMany(BitConverter.GetBytes)],
    };
}
