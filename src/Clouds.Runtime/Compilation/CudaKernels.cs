using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Compilation;

/// <summary>The kernels of one device, compiled and loaded when first asked for. Dispose it before its context.</summary>
/// <param name="context">Device.</param>
/// <param name="compiler">Compiler with its cache.</param>
public sealed class CudaKernels(CudaContext context, KernelCompiler compiler) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CudaModule> _modules = [];
    private readonly Dictionary<(string File, string Entry), CudaFunction> _functions = [];

    /// <summary>The device.</summary>
    public CudaContext Context => context;

    /// <summary>Changes PTX before it is loaded, machine code then being left out; for tests that plant a defect.</summary>
    internal Func<string, string>? Rewrite { get; init; }

    /// <summary>A kernel.</summary>
    /// <param name="file">Its file, for instance "ema.cu".</param>
    /// <param name="entry">Its name, which kernels of other files may have too.</param>
    public CudaFunction this[string file, string entry]
    {
        get
        {
            lock (_gate)
            {
                if (!_functions.TryGetValue((file, entry), out CudaFunction? function))
                {
                    _functions[(file, entry)] = function = Module(file).Function(entry);
                }

                return function;
            }
        }
    }

    /// <summary>Compiles and loads a file's kernels now, so that a failure does not come in the middle of the work.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">No compiler, or a file that it refuses, or the device does.</exception>
    public void Load(string file)
    {
        lock (_gate)
        {
            Module(file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CudaModule module in _modules.Values)
        {
            module.Dispose();
        }

        _modules.Clear();
        _functions.Clear();
    }

    private CudaModule Module(string file)
    {
        if (!_modules.TryGetValue(file, out CudaModule? module))
        {
            CompiledKernel code = compiler.Compile(KernelSource.Load(file), context.Architecture);
            code = Rewrite is null ? code : code with { Cubin = [], Ptx = Rewrite(code.Ptx) };
            _modules[file] = module = CudaModule.Load(context, file, code.Cubin, code.Ptx);
        }

        return module;
    }
}
