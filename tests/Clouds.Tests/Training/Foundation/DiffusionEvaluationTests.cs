using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Training.Foundation;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Training.Foundation;

/// <summary>Painters whose paintings are known: the real images themselves, and always the same one.</summary>
[Kind(TestKind.Fast)]
public sealed class DiffusionEvaluationTests : IDisposable
{
    private const int Count = 24;

    private static readonly WorldDataset World = new(new() { Style = WorldStyle.Of(WorldGroup.Wide).Single(), Count = Count, Width = 96, Height = 64 });

    private readonly TemporaryFolder _folder = new();
    private readonly ClipScorer _clip;
    private readonly List<PaintRequest> _asked = [];

    public DiffusionEvaluationTests() => _clip = ClipScorer.Load(TinyClip.Write(_folder.Path), new() { Threads = 1 });

    public void Dispose()
    {
        _clip.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Run_APainterOfTheRealImages_IsAsGoodAsThese()
    {
        Dictionary<string, int> numbers = Enumerable.Range(0, Count).ToDictionary(World.Caption);
        MeasuredModel measured = Run(96, request => World.LoadImage(numbers[request.Prompt]));
        ModelEvaluation evaluation = measured.Evaluation;
        Assert.Equal(evaluation["captionIsBestOf20"], evaluation["promptIsBestOf20"]);
        Assert.Equal(evaluation["realCosine"], evaluation["paintedCosine"]);
        Assert.Equal(evaluation["realAlike"], evaluation["paintedAlike"]);
        Assert.Equal(16, measured.Sheet!.Rows.Count);
        Assert.All(measured.Sheet.Rows, row => Assert.Equal(row.Pictures[1].Pixels, row.Pictures[0].Pixels));
        Assert.Equal(Enumerable.Range(7, Count).Select(seed => ((int?)96, (int?)64, (long)seed)), _asked.Select(one => (one.Width, one.Height, one.Seed)));
    }

    [Fact]
    public void Run_APainterOfOneImage_FindsNoMoreThanChanceAndPaintsAlike()
    {
        ModelEvaluation evaluation = Run(32, _ => Pictures.Noise(32, 32)).Evaluation;
        Assert.Equal(1, evaluation["paintedAlike"]!.Value, 5);
        Assert.InRange(evaluation["promptIsBestOf20"]!.Value, 0, 0.1);
        Assert.Equal((32, 32), (evaluation.Settings["width"], evaluation.Settings["height"]));
        Assert.All(_asked, request => Assert.Null(request.Width));
    }

    private MeasuredModel Run(int side, Func<PaintRequest, RgbImage> paint)
    {
        using PatternPainter painter = new() { Facts = PatternPainter.FactsOf(side), Picture = Paint };
        return DiffusionEvaluation.Run(painter, _clip, World, new HeldOutData("world:wide", 0, 7), new PaintRequest { Prompt = "", Steps = 2 });

        RgbImage Paint(PaintRequest request)
        {
            _asked.Add(request);
            return paint(request);
        }
    }
}
