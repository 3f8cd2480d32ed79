using System.Text.Json;
using Clouds.Graph.Autodiff;
using Clouds.Graph.Json;

namespace Clouds.Training.Engine;

/// <summary>In which precision a step's products are computed.</summary>
public enum TrainingPrecision
{
    /// <summary>All in single precision.</summary>
    Single,

    /// <summary>Products and convolutions in half precision, everything else, weights and moments too, in single (<see cref="MixedPrecision"/>).</summary>
    Mixed,
}

/// <summary>
/// What the loss is multiplied with in mixed precision, so that its gradients are numbers which half precision has. Rule and numbers are those of PyTorch's
/// torch.amp.GradScaler: 65,536 at first, half of it after a step whose gradient is not finite and which is skipped, twice as much after 2,000 good steps in
/// a row. It never falls below 1, where it can do no harm any more (GradScaler knows no bound).
/// </summary>
/// <param name="Factor">The scale, a power of two: multiplying and dividing by it rounds nothing.</param>
/// <param name="GoodSteps">Steps in a row, the last ones, that were taken with it.</param>
/// <param name="Skipped">Steps of the run that were skipped under a scale; AdamW does not count them.</param>
public sealed record LossScale(double Factor = 65_536, long GoodSteps = 0, long Skipped = 0)
{
    private const double Least = 1;
    private const long GrowthInterval = 2000;

    /// <summary>Where a step's graph reads it.</summary>
    public static Port<float> Port { get; } = new(MixedPrecision.Scale, [1]);

    /// <summary>Whether it cannot fall any more.</summary>
    public bool IsLeast => Factor <= Least;

    /// <summary>The scale of the next step.</summary>
    /// <param name="skipped">Whether the gradient was not finite.</param>
    public LossScale Next(bool skipped)
    {
        if (skipped)
        {
            return new LossScale(Math.Max(Least, Factor / 2), 0, Skipped + 1);
        }

        bool grows = GoodSteps + 1 == GrowthInterval && float.IsFinite((float)(2 * Factor));
        return grows ? new LossScale(2 * Factor, 0, Skipped) : this with { GoodSteps = (GoodSteps + 1) % GrowthInterval };
    }

    internal static LossScale? Read(StrictJson run) => run.Find("lossScale") is StrictJson scale
        ? new LossScale(Wide(scale.Get("factor")), scale.Get("goodSteps").Whole(0), scale.Get("skipped").Whole(0))
        : null;

    private static double Wide(StrictJson factor) => factor.Real() is >= Least and double wide ? wide : throw factor.Wrong("a number of 1 or more");

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("lossScale");
        json.WriteNumber("factor", Factor);
        json.WriteNumber("goodSteps", GoodSteps);
        json.WriteNumber("skipped", Skipped);
        json.WriteEndObject();
    }
}
