using Clouds.Diagnostics;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>Measures how good the parameters of a run are. It reads them and changes nothing, so that a run with it has the bits of one without.</summary>
public interface IValidation
{
    /// <summary>Scores the parameters, and keeps the model of them where <see cref="ValidationState.IsGain"/> says so.</summary>
    /// <param name="arena">The parameters stand in the host's buffer; borrowed.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="before">What the validations before found; null: there was none.</param>
    /// <param name="progress">Told of the work; null: nobody.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was kept.</exception>
    ValidationLine Run(
        ParameterArena arena, long step, ValidationState? before, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default);
}

/// <summary>When a run is validated; behind the last step it is in any case.</summary>
/// <param name="By">Who does it.</param>
/// <param name="Every">Steps between two validations, at least 1.</param>
/// <param name="Before">Also before the first step.</param>
/// <param name="Patience">Validations in a row without gain, after which the run ends; 0: it goes to its last step.</param>
public sealed record ValidationPlan(IValidation By, long Every, bool Before = false, long Patience = 0)
{
    internal bool IsDue(RunState state, long steps)
        => state.Validation?.Step != state.Step && (state.Step == 0 ? Before : state.Step % Every == 0 || state.Step == steps);

    internal bool IsExhausted(RunState state) => Patience > 0 && state.Validation?.WithoutGain >= Patience;
}
