using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>What the parameters of a new run are before its first step.</summary>
/// <param name="settings">Seed and weight files.</param>
/// <param name="trained">The parameters.</param>
internal sealed class StartValues(TrainingSettings settings, IReadOnlyList<Parameter> trained)
{
    /// <summary>Draws from the seed, reads over that what files have, and makes the teacher equal.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: a file does not fit; Numeric: an element is not finite.</exception>
    public void Fill(ParameterArena arena)
    {
        foreach (Parameter parameter in trained)
        {
            parameter.Initialize(settings.Seed, arena.Span(ArenaPart.Parameters, parameter.Name));
        }

        foreach (StartWeights start in settings.Start)
        {
            Load(start, arena);
        }

        if (settings.Optimization.Teacher is not null)
        {
            arena.CopyToTeacher();
        }
    }

    private void Load(StartWeights start, ParameterArena arena)
    {
        Parameter[] wanted = [.. trained.Where(parameter => parameter.Name.StartsWith(start.Scope, StringComparison.Ordinal))];
        using WeightSource file = WeightSource.Open(start.Path, wanted);
        wanted = [.. wanted.Except(Renewed(start, file, wanted))];
        WeightMatch.Require(file, wanted);
        FiniteWeights.Require(file, wanted.Select(parameter => file.Entry(parameter.Name)));
        foreach (Parameter parameter in wanted)
        {
            file.ReadFloats(parameter.Name, arena.Span(ArenaPart.Parameters, parameter.Name));
        }
    }

    private Parameter[] Renewed(StartWeights start, WeightSource file, Parameter[] wanted)
    {
        if (start.Renewed is not string scope)
        {
            return [];
        }

        HashSet<string> others = [.. WeightMatch.Of(file, wanted).Faults.Where(fault => fault.Fault == WeightFault.MisShaped).Select(fault => fault.Name)];
        Parameter[] renewed = [.. wanted.Where(p => p.Name.StartsWith(scope, StringComparison.Ordinal) && others.Contains(p.Name))];
        if (renewed.Length > 0)
        {
            string changes = string.Join(", ", renewed.Select(parameter => $"{parameter.Name} {file.Entry(parameter.Name)} to {parameter.Shape}"));
            settings.Warn?.Invoke($"{renewed.Length} parameters are not those of {start.Path} but start anew, because their shapes differ: {changes}");
        }

        return renewed;
    }
}
