using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Tests.Models.Diffusion;

/// <summary>Every sampler on a network that is right: whatever it starts from, it comes to the image that the network knows.</summary>
[Kind(TestKind.Fast)]
public sealed class SamplingPlanTests
{
    private const double Image = 0.7;

    public static TheoryData<SamplerKind, Prediction, TimeSpacing> Samplers
    {
        get
        {
            TheoryData<SamplerKind, Prediction, TimeSpacing> all = [];
            foreach (SamplerKind kind in Enum.GetValues<SamplerKind>())
            {
                foreach (Prediction prediction in Enum.GetValues<Prediction>())
                {
                    foreach (TimeSpacing spacing in Enum.GetValues<TimeSpacing>())
                    {
                        all.Add(kind, prediction, spacing);
                    }
                }
            }

            return all;
        }
    }

    // What the last time of training leaves of noise is 0.03; DDIM and PNDM end there.
    [Theory]
    [MemberData(nameof(Samplers))]
    public void Sampler_OnANetworkThatKnowsTheImage_ComesToIt(SamplerKind kind, Prediction prediction, TimeSpacing spacing)
    {
        SamplerConfig config = new() { Kind = kind, Prediction = prediction, Spacing = spacing, SetAlphaToOne = true, StepsOffset = 0 };
        double tolerance = kind is SamplerKind.Ddim or SamplerKind.Pndm ? 0.06 : 0.01;
        Assert.InRange(Sampled(config.Plan(25)), Image - tolerance, Image + tolerance);
    }

    [Theory]
    [InlineData(SamplerKind.Euler)]
    [InlineData(SamplerKind.DpmSolver)]
    public void KarrasSigmas_FallFromTheTrainedNoiseToNone(SamplerKind kind)
    {
        SamplingPlan plan = new SamplerConfig { Kind = kind, KarrasSigmas = true }.Plan(10);
        Assert.Equal(plan.Sigmas.OrderDescending(), plan.Sigmas);
        Assert.Equal(14.6146, plan.Sigmas[0], 3);
        Assert.Equal((0, 11), (plan.Sigmas[^1], plan.Sigmas.Count));
        Assert.InRange(Sampled(plan), Image - 0.01, Image + 0.01);
    }

    // Each step of the ancestral rule has to leave the noise of the next sigma: what is kept of it and what is new, squared and summed.
    [Fact]
    public void EulerAncestral_KeepsAndAddsTheNoiseOfTheNextSigma()
    {
        SamplingPlan plan = new SamplerConfig { Kind = SamplerKind.EulerAncestral }.Plan(20);
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            double kept = plan.Sigmas[i] + plan.Steps[i].Weights[0], added = plan.Steps[i].Noise;
            Assert.Equal(plan.Sigmas[i + 1], Math.Sqrt((kept * kept) + (added * added)), 9);
        }

        Assert.Equal(0, plan.Steps[^1].Noise);
        Assert.True(plan.Steps[0].Noise > 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void Plan_OfNoStepOrOfMoreThanThereAreTimes_IsRefused(int steps) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplerConfig().Plan(steps));

    [Theory]
    [InlineData(SamplerKind.Euler)]
    [InlineData(SamplerKind.EulerAncestral)]
    [InlineData(SamplerKind.Ddim)]
    [InlineData(SamplerKind.Pndm)]
    [InlineData(SamplerKind.DpmSolver)]
    public void Plan_OfOneStep_IsFinite(SamplerKind kind)
    {
        SamplingPlan plan = new SamplerConfig { Kind = kind }.Plan(1);
        SamplingStep step = Assert.Single(plan.Steps);
        Assert.All([step.Time, step.InputScale, step.Keep, step.Noise, .. step.Weights], number => Assert.True(double.IsFinite(number)));
    }

    // As many steps as there are times lead some spacings to a time twice, or beyond the last one.
    [Theory]
    [MemberData(nameof(Samplers))]
    public void Plan_OfAnyNumberOfSteps_IsFiniteAndWithinTheTimesOfTraining(SamplerKind kind, Prediction prediction, TimeSpacing spacing)
    {
        SamplerConfig config = new() { Kind = kind, Prediction = prediction, Spacing = spacing };
        foreach (int steps in (int[])[1, 2, 3, 7, 333, 499, 500, 501, 998, 999, 1000])
        {
            foreach (SamplingPlan plan in (SamplingPlan[])[config.Plan(steps), config.Plan(steps, steps / 2)])
            {
                Assert.All(plan.Steps, step => Assert.InRange(step.Time, 0, 999));
                Assert.DoesNotContain(plan.Steps, step => !Array.TrueForAll([step.InputScale, step.Keep, step.Noise, .. step.Weights], double.IsFinite));
            }
        }
    }

    // Whatever the start image was, the network leads away from it; the rules begin where the image leaves them.
    [Theory]
    [MemberData(nameof(Samplers))]
    public void Sampler_OnAnImage_ComesToWhatTheNetworkKnows(SamplerKind kind, Prediction prediction, TimeSpacing spacing)
    {
        SamplerConfig config = new() { Kind = kind, Prediction = prediction, Spacing = spacing, SetAlphaToOne = true, StepsOffset = 0 };
        SamplingPlan whole = config.Plan(25), rest = config.Plan(25, skipped: 10);
        Assert.Equal(whole.Steps.Skip(whole.Steps.Count - 13).Select(step => step.Time), rest.Steps.Skip(rest.Steps.Count - 13).Select(step => step.Time));
        Assert.Equal(15, rest.Steps.Select(step => step.Time).Distinct().Count());
        double tolerance = kind is SamplerKind.Ddim or SamplerKind.Pndm ? 0.06 : 0.01;
        Assert.InRange(Sampled(rest, (rest.Onto.Sample * Image) + (rest.Onto.Output * -1.3)), Image - tolerance, Image + tolerance);
    }

    [Theory]
    [InlineData(SamplerKind.Euler, true)]
    [InlineData(SamplerKind.Ddim, false)]
    [InlineData(SamplerKind.Pndm, false)]
    [InlineData(SamplerKind.DpmSolver, false)]
    public void Onto_IsTheNoiseThatItsFirstTimeWasTrainedOn(SamplerKind kind, bool grows)
    {
        SamplerConfig config = new() { Kind = kind, Spacing = TimeSpacing.Leading };
        SamplingPlan plan = config.Plan(10, skipped: 4);
        double left = config.Noise.Cumulative[(int)plan.Steps[0].Time];
        double scale = grows ? Math.Sqrt(left) : 1;
        Assert.Equal(Math.Sqrt(left) / scale, plan.Onto.Sample, 9);
        Assert.Equal(Math.Sqrt(1 - left) / scale, plan.Onto.Output, 9);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void Plan_SkippingAllItsSteps_IsRefused(int skipped) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplerConfig().Plan(10, skipped));

    // The network's answer is solved from the step's own notion of a clean image: clean = a x + b m.
    private static double Sampled(SamplingPlan plan) => Sampled(plan, plan.Start * -1.3);

    private static double Sampled(SamplingPlan plan, double x)
    {
        List<double> directions = [];
        double before = x;
        foreach (SamplingStep step in plan.Steps)
        {
            double m = (Image - (step.Clean.Sample * x)) / step.Clean.Output;
            directions.Insert(0, (step.Direction.Sample * x) + (step.Direction.Output * m));
            double next = (step.Keep * (step.Again ? before : x)) + step.Weights.Select((weight, j) => weight * directions[j]).Sum() + (step.Noise * 0.8);
            if (!step.Remembered)
            {
                directions.RemoveAt(0);
            }

            (before, x) = (x, next);
        }

        return x;
    }
}
