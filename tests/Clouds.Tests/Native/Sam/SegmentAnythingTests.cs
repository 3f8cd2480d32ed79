using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.Sam;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Verification.Golden;

namespace Clouds.Tests.Native.Sam;

/// <summary>From an image and prompts to masks.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmentAnythingTests : IDisposable
{
    private static readonly SegmentAnythingOptions Cpu = new() { Device = ComputeDevice.Cpu, Threads = 2 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Predict_PointsOfAGoldenCase_GivesTheReferencesMasks()
    {
        using GoldenCase golden = GoldenCase.Load(Path.Combine(Repository.Root, "tests", "golden", "sam", "tiny_upscale"));
        using SegmentAnything sam = SegmentAnything.Load(Described(golden), Cpu);
        GoldenTensor pixels = golden.Tensor("predictor.image"), points = golden.Tensor("predictor.points"), labels = golden.Tensor("predictor.labels");
        ImageEmbedding embedding = sam.Embed(
            new RgbImage((int)pixels.Shape[1], (int)pixels.Shape[0], Array.ConvertAll(pixels.AsIntegers(), level => (byte)level)));
        int each = (int)points.Shape[1];
        MaskPrompt[] prompts = [.. Enumerable.Range(0, (int)points.Shape[0]).Select(i => new MaskPrompt
        {
            Points = [.. Enumerable.Range(i * each, each).Select(p => new PromptPoint((float)points[2 * p], (float)points[(2 * p) + 1], labels[p] == 1))],
        })];
        PromptAnswer[] answers = [.. embedding.Predict(prompts)];
        ObjectMask[] masks = [.. answers.SelectMany(answer => answer.Masks)];
        AssertNear(golden.Tensor("predictor.low_res").AsFloats(), [.. masks.SelectMany(mask => mask.LowResolution)]);
        AssertNear(golden.Tensor("predictor.iou").AsFloats(), [.. masks.Select(mask => mask.Score)]);
        AssertNear(golden.Tensor("predictor.mask_logits").AsFloats(), [.. masks.SelectMany(mask => mask.ToLogits())]);
        Assert.Equal(golden.Tensor("predictor.best").AsIntegers(), answers.Select(answer => (long)answer.Masks.ToList().IndexOf(answer.Best)));
        Assert.Equal((embedding.Width, embedding.Height), (masks[0].Width, masks[0].Height));

        // The second pass starts from the best mask.
        PromptAnswer[] refined =
            [.. embedding.Predict(prompts.Zip(answers, (prompt, answer) => new MaskPrompt { Points = prompt.Points, Mask = answer.Best.LowResolution }))];
        AssertNear(golden.Tensor("refine.mask_logits").AsFloats(), [.. refined.SelectMany(answer => answer.Masks).SelectMany(mask => mask.ToLogits())]);
    }

    [Fact]
    public void Predict_MaskAlone_HasNoTokensOfPrompts()
    {
        using SegmentAnything sam = Load(Cpu);
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(60, 33));
        float[] mask = embedding.Predict([new PromptPoint(5, 6)]).Best.LowResolution;
        PromptAnswer answer = embedding.Predict(mask: mask);
        Assert.NotEqual(answer.Best.LowResolution, embedding.Predict([new PromptPoint(5, 6)], mask: mask).Best.LowResolution);
        Assert.Equal(answer.Best.LowResolution, embedding.Predict(Enumerable.Repeat(new MaskPrompt { Mask = mask }, 3)).Last().Best.LowResolution);
    }

    [Fact]
    public void Predict_NothingAtAll_IsRefused()
    {
        using SegmentAnything sam = Load(Cpu);
        Assert.Throws<ArgumentException>(() => sam.Embed(Pictures.Noise(9, 9)).Predict());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    public void Predict_ManyPromptsOfManyShapes_AnswersEachAsIfItWereAlone(int promptsAtOnce)
    {
        using SegmentAnything sam = Load(Cpu with { PromptsAtOnce = promptsAtOnce });
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(60, 33));
        float[] mask = embedding.Predict([new PromptPoint(5, 6)]).Best.LowResolution;
        MaskPrompt[] shapes =
        [
            new() { Points = [new(3, 4)] },
            new() { Points = [new(3, 4), new(50, 20, Inside: false)] },
            new() { Box = new(4, 5, 40, 30) },
            new() { Points = [new(9, 9)], Box = new(4, 5, 40, 30), Mask = mask },
            new() { Mask = mask },
        ];
        MaskPrompt[] prompts = [.. shapes.SelectMany(shape => Enumerable.Repeat(shape, 7)), .. shapes];
        PromptAnswer[] answers = [.. embedding.Predict(prompts)];
        Assert.Equal(prompts.Length, answers.Length);
        foreach ((MaskPrompt prompt, PromptAnswer answer) in prompts.Zip(answers))
        {
            PromptAnswer alone = embedding.Predict(prompt.Points, prompt.Box, prompt.Mask);
            Assert.Equal(alone.Masks.Select(one => one.Score), answer.Masks.Select(one => one.Score));
            Assert.Equal(alone.Best.LowResolution, answer.Best.LowResolution);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 300)]
    [InlineData(500, 3)]
    [InlineData(48, 48)]
    public void Predict_ImageOfAnyShape_GivesMasksOfItsSize(int width, int height)
    {
        using SegmentAnything sam = Load();
        PromptAnswer answer = sam.Embed(Pictures.Noise(width, height)).Predict([new PromptPoint(0, 0)]);
        Assert.Equal(3, answer.Masks.Count);
        Assert.All(answer.Masks, mask => Assert.Equal((width, height, width * height), (mask.Width, mask.Height, mask.ToPixels().Length)));
        Assert.Equal(answer.Best.ToLogits().Select(logit => logit > 0.25f), answer.Best.ToPixels(threshold: 0.25f));
    }

    [Fact]
    public void Predict_Single_IsTheMaskForPromptsWithoutDoubt()
    {
        using SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(40, 40));
        ObjectMask one = Assert.Single(embedding.Predict(box: new PromptBox(1, 2, 30, 35), single: true).Masks);
        Assert.DoesNotContain(embedding.Predict(box: new PromptBox(1, 2, 30, 35)).Masks, mask => mask.LowResolution.SequenceEqual(one.LowResolution));
    }

    [Fact]
    public void Predict_PromptsWithoutEnd_AreReadNoFurtherThanAnswersAreWanted()
    {
        using SegmentAnything sam = Load(Cpu with { PromptsAtOnce = 4 });
        int read = 0;
        IEnumerable<MaskPrompt> Endless()
        {
            while (true)
            {
                read++;
                yield return new MaskPrompt { Points = [new(read % 40, 3)] };
            }
        }

        Assert.Equal(6, sam.Embed(Pictures.Noise(40, 40)).Predict(Endless()).Take(6).Count());
        Assert.InRange(read, 6, 9);
    }

    [Fact]
    public void Predict_ExportedDecoder_AnswersLikeTheWeightFiles()
    {
        File.WriteAllBytes(_folder["decoder.onnx"], TinySam.Export());
        using SegmentAnything own = Load();
        using SegmentAnything exported = Load(Cpu with { Decoder = _folder["decoder.onnx"] });
        RgbImage image = Pictures.Noise(50, 30);
        (ImageEmbedding a, ImageEmbedding b) = (own.Embed(image), exported.Embed(image));
        float[] mask = a.Predict([new PromptPoint(5, 6)]).Best.LowResolution;
        MaskPrompt[] prompts =
        [
            new() { Points = [new(3, 4), new(20, 9, Inside: false)] },
            new() { Box = new(4, 5, 40, 30) },
            new() { Points = [new(3, 4)], Mask = mask },
            new() { Mask = mask },
        ];
        foreach ((PromptAnswer wanted, PromptAnswer found) in a.Predict(prompts).Zip(b.Predict(prompts)))
        {
            AssertNear([.. wanted.Masks.Select(one => one.Score)], [.. found.Masks.Select(one => one.Score)]);
            AssertNear([.. wanted.Masks.SelectMany(one => one.LowResolution)], [.. found.Masks.SelectMany(one => one.LowResolution)]);
        }

        File.WriteAllBytes(_folder["single.onnx"], TinySam.Export(single: true));
        using SegmentAnything choosing = Load(Cpu with { Decoder = _folder["single.onnx"] });
        Assert.Single(choosing.Embed(image).Predict([new PromptPoint(5, 6)]).Masks);
    }

    [Fact]
    public void Predictor_PointsWithAndWithoutMasks_AnswersWithTheChoiceOfThree()
    {
        using SegmentAnything sam = Load(Cpu with { PromptsAtOnce = 2 });
        RgbImage image = Pictures.Noise(50, 30);
        ImageEmbedding embedding = sam.Embed(image);
        using IEmbeddedImage asked = sam.Predictor.Embed(image);
        Assert.Equal(new MaskFrame(24, 24, 48, 48, 29, 48), asked.Frame);
        float[] points = [3, 4, 10, 11, 20, 21, 5, 6, 1, 2, 7, 8];
        float[] mask = embedding.Predict([new PromptPoint(5, 6)]).Best.LowResolution;
        foreach (bool withMasks in new[] { false, true })
        {
            (float[] logits, float[] scores) = (new float[3 * 3 * 576], new float[9]);
            asked.Predict(new MaskPrompts(3, points, withMasks ? [.. mask, .. mask, .. mask] : []), logits, scores);
            PromptAnswer[] wanted = [.. Enumerable.Range(0, 3).Select(i => embedding.Predict(
                [new(points[4 * i], points[(4 * i) + 1]), new(points[(4 * i) + 2], points[(4 * i) + 3])], mask: withMasks ? mask : null))];
            Assert.Equal(wanted.SelectMany(answer => answer.Masks).SelectMany(one => one.LowResolution), logits);
            Assert.Equal(wanted.SelectMany(answer => answer.Masks).Select(one => one.Score), scores);
        }
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(4, 2, false)]
    [InlineData(2, 3, true)]
    public void ChoiceGraph_PointsInPixelsOfTheImage_GivesTheChoiceOfThree(int prompts, int each, bool withMask)
    {
        using SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(50, 30));
        float[] points = [.. Enumerable.Range(0, 2 * prompts * each).Select(i => (float)(3 + (5 * i % 23)))];
        float[] mask = embedding.Predict([new PromptPoint(5, 6)]).Best.LowResolution;
        GraphBuilder g = ChoiceSession.Build(TinySam.Config, new PromptShape(prompts, each, withMask));
        using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g, TinySam.Weights(g)));
        (float[] logits, float[] scores) = (new float[prompts * 3 * 576], new float[prompts * 3]);
        session.Bind<float>("embedding", embedding.Values, 1, 16, 6, 6);
        session.Bind<float>("points", points, prompts, each, 2);
        session.Bind<float>("scale", new[] { 48f / 50, 29f / 30 }, 1, 1, 2);
        session.Bind<float>("masks", logits, prompts, 3, 24, 24);
        session.Bind<float>("scores", scores, prompts, 3);
        if (withMask)
        {
            session.Bind<float>("mask", (float[])[.. Enumerable.Repeat(mask, prompts).SelectMany(one => one)], prompts, 1, 24, 24);
        }

        session.Run();
        PromptPoint[] places = [.. points.Chunk(2).Select(place => new PromptPoint(place[0], place[1]))];
        PromptAnswer[] wanted = [.. places.Chunk(each).Select(own => embedding.Predict(own, mask: withMask ? mask : null))];
        AssertNear([.. wanted.SelectMany(answer => answer.Masks).SelectMany(one => one.LowResolution)], logits);
        AssertNear([.. wanted.SelectMany(answer => answer.Masks).Select(one => one.Score)], scores);
    }

    [Theory]
    [InlineData(1, 8, "1")]
    [InlineData(8, 8, "8")]
    [InlineData(30, 8, "8,8,8,4,2")]
    [InlineData(7, 6, "4,2,1")]
    [InlineData(5, 1, "1,1,1,1,1")]
    public void Parts_AnyNumberOfPrompts_ArePowersOfTwoThatCoverIt(int count, int most, string parts)
    {
        (int From, int Count)[] found = [.. PromptTokens.Parts(count, most)];
        Assert.Equal(parts, string.Join(',', found.Select(part => part.Count)));
        Assert.All(found.Select((part, i) => (part, i)), part => Assert.Equal(found.Take(part.i).Sum(before => before.Count), part.part.From));
    }

    [Fact]
    public void Predictor_BehindARefiner_RefinesALabelMap()
    {
        using SegmentAnything sam = Load();
        using PseudoLabelRefiner refiner = new(sam.Predictor, new RefinementOptions { SizeThreshold = 20 });
        RgbImage image = Pictures.Noise(50, 30);
        RefinementResult result = refiner.Refine(image, Pictures.Plain(50, 30, 4), new PointSeed(1));
        RefinedComponent component = Assert.Single(result.Components);
        ObjectMask best = sam.Embed(image).Predict([.. component.Points.Select(point => new PromptPoint(point.X, point.Y))]).Best;
        Assert.Equal(best.ToPixels().Select(inside => inside ? (ushort)4 : LabelMap.Ignore), result.Map.Ids);
    }

    private SegmentAnything Load(SegmentAnythingOptions? options = null)
    {
        TinySam.Write(_folder["sam.safetensors"]);
        return SegmentAnything.Load(_folder["sam.safetensors"], options ?? Cpu);
    }

    // The case's weights, with the sizes that tensors do not tell.
    private string Described(GoldenCase golden)
    {
        CaseConfig config = golden.Config;
        SamConfig network = SamConfig.Find(golden.Weights.Tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Shape))!;
        network = network with { Decoder = network.Decoder with { Heads = config.Int("dec_heads") } };
        using SafetensorsWriter writer = new(
            _folder["golden.safetensors"], [.. golden.Weights.Tensors.Values.Select(tensor => new TensorDeclaration(tensor.Name, tensor.Type, tensor.Shape))],
            new Dictionary<string, string> { [SamDescription.MetadataKey] = SamDescription.ToJson(network) });
        foreach (string name in golden.Weights.Tensors.Keys)
        {
            writer.Write(name, golden.Weights.ReadFloats(name));
        }

        writer.Commit();
        return _folder["golden.safetensors"];
    }

    private static void AssertNear(float[] wanted, float[] found)
    {
        Assert.Equal(wanted.Length, found.Length);
        Assert.All(wanted.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-4f));
    }
}
