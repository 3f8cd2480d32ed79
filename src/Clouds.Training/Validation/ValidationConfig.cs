using Clouds.Graph.Settings;
using Clouds.Training.Sources;

namespace Clouds.Training.Validation;

/// <summary>How a training is scored while it goes on. It changes no bit of what is trained.</summary>
public sealed record ValidationConfig
{
    /// <summary>Labelled data sets, as `--data` takes them; none: there is no validation.</summary>
    [Setting(Source = "ours; reference code: the three sets of the tables")]
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Steps between two validations; the last step has one in any case.</summary>
    [Setting(Unit = "steps", Min = 1, Source = "reference code: 4,000 on GTA, 1,500 on SYNTHIA, 500 on Cityscapes")]
    public long Every { get; init; } = 4000;

    /// <summary>Images of each set, taken at even distances; 0: all.</summary>
    [Setting(Unit = "images", Min = 0, Source = "reference code: all")]
    public int Images { get; init; }

    /// <summary>Also before the first step, as the reference code does, which confused its users.</summary>
    [Setting(Source = "ours; reference code: true (method.md section 3.1)")]
    public bool Before { get; init; }

    /// <summary>Validations in a row without a better mean, after which training ends; 0: it goes to its last step.</summary>
    [Setting(Unit = "validations", Min = 0, Source = "paper: the model of the last step")]
    public long Patience { get; init; }

    /// <summary>The same with texts under which the sets can be opened from any folder.</summary>
    public ValidationConfig Absolute() => this with { Data = [.. Data.Select(DatasetSource.Absolute)] };
}
