using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Released;

namespace Clouds.Tests.Training.Released;

/// <summary>
/// Published files at full size, from their containers to an answer. Always the smallest of each kind; all of them, which are 8 GB, are written to the folder
/// that CLOUDS_FULL_SIZE names, and left there for `clouds`.
/// </summary>
[Kind(TestKind.Fast)]
public sealed class FullSizeTests : IDisposable
{
    private static readonly string? Kept = Environment.GetEnvironmentVariable("CLOUDS_FULL_SIZE");
    private static readonly string[] Usual = ["resnet50-19c8e357.pth", "model_final_cc1b1f.pkl"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Kept is null ? Usual : PublishedFiles.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void PublishedFile_AtFullSize_IsKnownAndRuns(string name)
    {
        string path = Path.Combine(Kept ?? _folder.Path, name);
        PublishedFiles.Write(name, path);
        using ReleasedSegmenter? segmenter = ReleasedSegmenter.Open(path);
        if (segmenter is null)
        {
            AssertEncodes(path);
        }
        else
        {
            AssertSegments(segmenter, $"{path}.safetensors");
        }
    }

    private static void AssertSegments(ReleasedSegmenter released, string model)
    {
        ClassList? classes = released.TrainedClasses == 19 ? null : ClassList.Named([["road"], ["sky"]]);
        released.Write(model, new ReleaseOptions { ShortSide = 0, Classes = classes }, Device.Cpu);
        using Segmenter segmenter = Segmenter.Load(model);
        Assert.All(segmenter.Segment(Pictures.Noise(64, 64)).Labels, label => Assert.InRange(label, 0, segmenter.Classes.Count - 1));
    }

    private static void AssertEncodes(string path)
    {
        IEncoder encoder = Encoder(path);
        GraphBuilder g = new("encoder");
        using (g.Scope(encoder.Scope))
        {
            g.Output("c5", encoder.Build(g, g.Input("image", ElementType.Float, [1, 3, 64, 64])).C5);
        }

        using SharedWeights weights = new(FrozenWeights.Open(path, g.Parameters));
        using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g, weights.Weights.Elements), new SessionSettings { Weights = weights });
        float[] image = [.. Enumerable.Range(0, 3 * 64 * 64).Select(i => MathF.Sin(i))];
        float[] c5 = new float[4 * encoder.Levels[^1].Channels];
        session.Bind<float>("image", image, [1, 3, 64, 64]);
        session.Bind<float>("c5", c5, [1, encoder.Levels[^1].Channels, 2, 2]);
        session.Run(CancellationToken.None);
        Assert.All(c5, x => Assert.True(float.IsFinite(x)));
        Assert.NotEqual(0, c5.Max(Math.Abs));
    }

    private static IEncoder Encoder(string path)
    {
        using WeightSource source = WeightSource.Open(path);
        (string dialect, string below) = NameMap.Recognise(source.Tensors.Keys)!.Value;
        EncoderConfig? found = EncoderConfig.Find(TensorShapes.Of(NameMap.Of(dialect).Apply(source, below)));
        return Assert.Single(EncoderConfig.Published.Values, known => Text(known) == Text(found!)).Create();
    }

    private static string Text(EncoderConfig config) => System.Text.Json.JsonSerializer.Serialize(config);
}
