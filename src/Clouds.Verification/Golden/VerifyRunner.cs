using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden;

/// <summary>What to verify and how.</summary>
/// <param name="Directory">Where to look: a folder of modules, one module's folder, or one case's folder.</param>
/// <param name="Module">Only modules of this name (`*` and `?` allowed); null for all.</param>
/// <param name="Case">Only cases of this name (`*` and `?` allowed); null for all.</param>
/// <param name="Device">Where to compute; null for the processor.</param>
/// <param name="Weights">File of each case that its weights are read from, cases without it are left out; null for weights.safetensors.</param>
public sealed record VerifyRequest(string Directory, string? Module = null, string? Case = null, Device? Device = null, string? Weights = null);

/// <summary>Runs golden cases and compares their outputs.</summary>
public static class VerifyRunner
{
    /// <summary>Runs every case that matches. A case that cannot run fails; the others run all the same.</summary>
    /// <param name="request">What to verify.</param>
    /// <param name="modules">What can be computed, usually <see cref="GoldenModules.All"/>.</param>
    /// <param name="finished">Told of each case as it ends; null for nobody.</param>
    /// <param name="cancellation">Stops between cases.</param>
    /// <exception cref="CloudsException"><see cref="Failure.BadInput"/>: the folder does not exist.</exception>
    public static VerifySummary Run(
        VerifyRequest request, IReadOnlyCollection<IGoldenModule> modules, IProgress<CaseResult>? finished = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(modules);
        List<CaseResult> results = [];
        SortedSet<string> seen = new(StringComparer.Ordinal);
        foreach (string folder in Folders(request.Directory))
        {
            cancellation.ThrowIfCancellationRequested();
            if (RunFolder(folder, request, modules, seen, cancellation) is CaseResult result)
            {
                results.Add(result);
                finished?.Report(result);
            }
        }

        return new VerifySummary(results, results.Count > 0 ? null : NothingMatched(request, modules, seen));
    }

    /// <summary>The folders with a case.json: the given one, its children or its grandchildren, in order of name.</summary>
    internal static IReadOnlyList<string> Folders(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new CloudsException(
                Failure.BadInput, "the folder of golden cases does not exist", directory, null, "a folder with MODULE/CASE/case.json", "check the path");
        }

        EnumerationOptions depth = new() { RecurseSubdirectories = true, MaxRecursionDepth = 2 };
        return [.. Directory.EnumerateFiles(directory, "case.json", depth)
            .Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!).Order(StringComparer.Ordinal)];
    }

    private static CaseResult? RunFolder(
        string folder, VerifyRequest request, IReadOnlyCollection<IGoldenModule> modules, SortedSet<string> seen, CancellationToken cancellation)
    {
        string moduleName = Path.GetFileName(Path.GetDirectoryName(folder)) ?? "";
        string caseName = Path.GetFileName(folder);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<TensorResult> tensors = [];
        string? problem = null;
        try
        {
            using GoldenCase golden = GoldenCase.Load(folder, request.Weights);
            (moduleName, caseName) = (golden.Module, golden.Name);
            seen.Add($"{moduleName}/{caseName}");
            if (!Wanted(request, moduleName, caseName) || !golden.HasWeights)
            {
                return null;
            }

            (tensors, problem) = RunCase(golden, request.Device ?? Device.Cpu, modules, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            // One broken case must not hide the results of the others; what it was stands in its row.
            if (!Wanted(request, moduleName, caseName))
            {
                return null;
            }

            problem = e is CloudsException ? e.Message : $"{e.GetType().Name}: {e.Message}";
        }

        return new CaseResult(moduleName, caseName, tensors, problem, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static (IReadOnlyList<TensorResult> Tensors, string? Problem) RunCase(
        GoldenCase golden, Device device, IReadOnlyCollection<IGoldenModule> modules, CancellationToken cancellation)
    {
        IGoldenModule? module = modules.FirstOrDefault(module => module.Name == golden.Module);
        if (module is null)
        {
            return ([], $"the module '{golden.Module}' is not supported; supported: {Known(modules)}");
        }

        if (!module.Supports(golden, out string? why))
        {
            return ([], $"the case is not supported: {why}");
        }

        IReadOnlyDictionary<string, GoldenTensor> expected = module.Expected(golden);
        TensorComparer comparer = new(golden, expected);
        IReadOnlyList<TensorResult> tensors = comparer.Compare(module.Run(golden, device, cancellation));
        return (tensors, tensors.Count == 0 ? "the case expects no output" : null);
    }

    private static bool Wanted(VerifyRequest request, string module, string name) =>
        (request.Module is null || NamePattern.Matches(request.Module, module)) && (request.Case is null || NamePattern.Matches(request.Case, name));

    private static string NothingMatched(VerifyRequest request, IReadOnlyCollection<IGoldenModule> modules, SortedSet<string> seen)
    {
        if (seen.Count == 0)
        {
            return $"no case.json in {request.Directory}, one or two folders below it";
        }

        string[] names = [.. seen.Select(name => name.Split('/')[0]).Distinct()];
        string? near = request.Module is null ? null : NearestName.Find(request.Module, names);
        string hint = near is not null && near != request.Module
            ? $"; did you mean '{near}'?"
            : $"; modules there: {string.Join(", ", names)}; supported: {Known(modules)}";
        string weights = request.Weights is null ? "" : $" and has a file {request.Weights}";
        return $"no case matches module '{request.Module ?? "*"}' and case '{request.Case ?? "*"}'{weights}{hint}";
    }

    private static string Known(IReadOnlyCollection<IGoldenModule> modules) =>
        modules.Count == 0 ? "none" : string.Join(", ", modules.Select(module => module.Name).Order(StringComparer.Ordinal));
}
