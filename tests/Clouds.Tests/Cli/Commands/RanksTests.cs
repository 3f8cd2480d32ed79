using Clouds.Graph.Weights;
using Clouds.Tests.Runtime.Distributed;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class RanksTests : IDisposable
{
    private const int Steps = 10;

    // With two channels in a group of the normalisation: with one, as in the tiny network, the biases before it have no gradient but rounding,
    // which AdamW makes steps of.
    private static readonly string[] FourImages =
    [
        .. new[] { "batch=4", "optimizer.warmupSteps=0", "network.pixelDecoder.width=64", "network.transformerDecoder.width=64" }
            .SelectMany(setting => new[] { "--set", $"training.{setting}" }),
        "--set", "execution.threads=1",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_ImagesSharedByRanks_GivesTheWeightsOfOneRank(int ranks)
    {
        Train(1, "alone");
        Train(ranks, "shared");

        // Of all weights after 10 steps; half of the difference is in the keys' biases, whose gradient is rounding and nothing else.
        Assert.InRange(Difference("alone", "shared"), 0, 1e-6);
        Assert.All(History("alone").Zip(History("shared")), step => Assert.Equal(step.First.Loss, step.Second.Loss, 1e-6 * step.First.Loss));
        Assert.Equal(Files("alone"), Files("shared"));
    }

    [MpiFact]
    public void Train_ClassLossNormalisedByEachRank_IsAnotherLoss()
    {
        string[] byRank = ["--set", "training.loss.classNormaliser=rank"];
        Train(1, "alone", byRank);
        Train(2, "shared", byRank);
        Assert.NotInRange(Difference("alone", "shared"), 0, 1e-6);
    }

    [MpiFact]
    public void Train_AsManyRanksAgain_GivesTheSameBits()
    {
        Train(4, "first");
        Train(4, "again");
        Assert.Equal(File.ReadAllBytes(_folder["first/model.safetensors"]), File.ReadAllBytes(_folder["again/model.safetensors"]));
    }

    [MpiFact]
    public void Train_ResumedOnOtherNumbersOfRanks_GoesOnWithTheSameRun()
    {
        Train(1, "whole");
        StopTwoRanksAfter(3);
        Assert.Equal(130, CommandLineRun.Clouds("train", "--out", _folder["parts"], "--resume", "--stop-after", "8").ExitCode);
        Assert.Equal(8, History("parts").Count);
        CommandLineRun last = Mpirun.Clouds(3, "train", "--out", _folder["parts"], "--resume");
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.InRange(Difference("whole", "parts"), 0, 1e-6);
        Assert.Equal(Steps, History("parts").Count);
    }

    // Mixed as HRDA does, half of the images are generated ones: they take their classes from source images of either rank.
    [MpiTheory]
    [InlineData]
    [InlineData("generated.classMix=true", "generated.jitterProbability=0.8", "generated.blurProbability=0.5", "generated.colour=false", "mix.share=0.5")]
    public void Train_BothStagesSharedByRanks_GiveTheWeightsOfOneRank(params string[] settings)
    {
        string[] stages = [.. Stages(5), .. settings.SelectMany(setting => new[] { "--set", $"selfTraining.{setting}" })];
        Train(1, "alone", stages);
        Train(2, "shared", stages);
        Assert.Equal(5, History("shared/stage-2").Count);
        Assert.InRange(Difference("alone", "shared"), 0, 1e-6);
        Assert.All(
            History("alone/stage-2").Zip(History("shared/stage-2")), step => Assert.Equal(step.First.Loss, step.Second.Loss, 1e-5 * step.First.Loss));
    }

    [MpiFact]
    public void Train_MoreRanksThanImages_IsRefused()
    {
        CommandLineRun run = Mpirun.Clouds(2, TinyRun.Train(_folder["run"], 2));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("1 images for 2 ranks", run.Error, StringComparison.Ordinal);
    }

    private static string[] Stages(int steps) => ["--generated", "streets:night?count=3&width=64&height=64", "--set", $"selfTraining.steps={steps}"];

    private IEnumerable<string?> Files(string name) => Directory.GetFiles(_folder[name]).Select(Path.GetFileName).Order();

    // Of two ranks the second is told. Some steps pass between a line in the history and the signal, never five.
    private void StopTwoRanksAfter(int steps)
    {
        using RankProcesses run = new(2, Arguments("parts"));
        run.WaitFor(() => History("parts").Count >= steps);
        run.Send("TERM", 1);
        Assert.Equal(130, run.End().ExitCode);
        Assert.InRange(History("parts").Count, steps, steps + 4);
    }

    private string[] Arguments(string name, params string[] more) => TinyRun.Train(_folder[name], Steps, [.. FourImages, .. more]);

    private void Train(int ranks, string name, params string[] more)
    {
        CommandLineRun run = ranks == 1 ? CommandLineRun.Clouds(Arguments(name, more)) : Mpirun.Clouds(ranks, Arguments(name, more));
        Assert.True(run.ExitCode == 0, run.Error);
    }

    private IReadOnlyList<HistoryLine> History(string name) => RankProcesses.History(_folder[name]);

    // Norm of the difference of all weights over the norm of the first ones.
    private double Difference(string first, string second)
    {
        using WeightSource a = WeightSource.Open(_folder[$"{first}/model.safetensors"]), b = WeightSource.Open(_folder[$"{second}/model.safetensors"]);
        double difference = 0, norm = 0;
        foreach (TensorEntry tensor in a.Tensors.Values)
        {
            float[] x = new float[tensor.Elements], y = new float[tensor.Elements];
            a.ReadFloats(tensor.Name, x);
            b.ReadFloats(tensor.Name, y);
            difference += x.Zip(y, (left, right) => Math.Pow(left - right, 2)).Sum();
            norm += x.Sum(value => (double)value * value);
        }

        return Math.Sqrt(difference / norm);
    }
}
