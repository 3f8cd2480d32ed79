using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden;

/// <summary>
/// A network or numeric step that can reproduce golden cases. It reads configuration, weights and inputs from the case and
/// never its expected outputs.
/// </summary>
public interface IGoldenModule
{
    /// <summary>The module's name in case.json.</summary>
    string Name { get; }

    /// <summary>Whether a case can be computed; every case, unless a module says otherwise.</summary>
    /// <param name="golden">A case of this module.</param>
    /// <param name="why">What is not supported, in one clause; null where the answer is yes.</param>
    bool Supports(GoldenCase golden, out string? why)
    {
        why = null;
        return true;
    }

    /// <summary>Computes every output of a case.</summary>
    /// <param name="golden">A case that <see cref="Supports"/> accepted.</param>
    /// <param name="device">Where to compute; a device that is missing is a CloudsException with Failure.Device.</param>
    /// <param name="cancellation">Asked between steps of long cases.</param>
    /// <returns>Outputs by their name in io.safetensors; more than the case expects does no harm, fewer is a failure.</returns>
    IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation);

    /// <summary>What <see cref="Run"/> has to reproduce. Modules whose case.json has a form of its own override it.</summary>
    IReadOnlyDictionary<string, GoldenTensor> Expected(GoldenCase golden) => golden.OutputNames.ToDictionary(name => name, golden.Tensor);
}
