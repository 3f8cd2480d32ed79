using System.Runtime.InteropServices;
using System.Text;

namespace Clouds.Emulator.Driver;

/// <summary>
/// The entry points of libcuda.so.1 that Clouds.Native uses, with the driver's names, signatures and codes. Tests take their addresses
/// through <see cref="Find"/>; compiled ahead of time, the same methods are exports of a stand-in library.
/// </summary>
public static unsafe partial class EmulatedDriver
{
    private const int Success = 0;
    private const int InvalidValue = 1;
    private const int OutOfMemory = 2;
    private const int NoDevice = 100;
    private const int InvalidDevice = 101;
    private const int InvalidContext = 201;
    private const int NoBinary = 209;
    private const int InvalidPtx = 218;
    private const int UnsupportedPtxVersion = 222;
    private const int InvalidHandle = 400;
    private const int NotFound = 500;
    private const int IllegalAddress = 700;
    private const int LaunchTimeout = 702;
    private const int MisalignedAddress = 716;
    private const int LaunchFailed = 719;
    private const int Unknown = 999;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, nint> ErrorNames = [];
    private static DriverState? _state;

    [ThreadStatic]
    private static nint _current;

    /// <summary>The state behind the calls; replaced by tests, otherwise made from the environment at the first call.</summary>
    public static DriverState State
    {
        get
        {
            lock (Gate)
            {
                return _state ??= DriverEnvironment.Read();
            }
        }

        set
        {
            lock (Gate)
            {
                (_state, _current) = (value, 0);
            }
        }
    }

    // No exception may cross an entry point: the process would end without a word.
    private static int Call(string name, Func<DriverState, int> body, bool needsContext = true)
    {
        lock (Gate)
        {
            try
            {
                return Call(State, name, body, needsContext);
            }
            catch (FormatException wrong)
            {
                Console.Error.WriteLine($"emulator: {wrong.Message}");
                return Unknown;
            }
            catch (Exception defect)
            {
                Console.Error.WriteLine($"emulator: {defect}");
                return LaunchFailed;
            }
        }
    }

    private static int Call(DriverState driver, string name, Func<DriverState, int> body, bool needsContext)
    {
        try
        {
            int failure = driver.Enter(name);
            return failure != Success ? failure
                : needsContext && driver.Get<DriverContext>(_current) is null ? InvalidContext
                : needsContext && driver.Sticky != Success ? driver.Sticky
                : body(driver);
        }
        catch (EmulatorFault fault)
        {
            driver.LastFault = fault;
            return InvalidValue;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cuInit")]
    private static int CuInit(uint flags) => Call("cuInit", driver => flags != 0 ? InvalidValue : driver.Gpus == 0 ? NoDevice : Success, needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDriverGetVersion")]
    private static int CuDriverGetVersion(int* version) => Call("cuDriverGetVersion", driver => Set(version, driver.Version), needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetCount")]
    private static int CuDeviceGetCount(int* count) => Call("cuDeviceGetCount", driver => Set(count, driver.Gpus), needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGet")]
    private static int CuDeviceGet(int* device, int ordinal) =>
        Call("cuDeviceGet", driver => ordinal >= 0 && ordinal < driver.Gpus ? Set(device, ordinal) : InvalidDevice, needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetName")]
    private static int CuDeviceGetName(byte* name, int length, int device) => Call("cuDeviceGetName", driver =>
    {
        Text($"PTX emulator, sm_{driver.Device.Settings.Architecture}", name, length);
        return Success;
    }, needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetAttribute")]
    private static int CuDeviceGetAttribute(int* value, int attribute, int device) => Call("cuDeviceGetAttribute", driver => Set(value, attribute switch
    {
        1 => 1024,
        2 or 3 => 1024,
        4 => 64,
        5 => int.MaxValue,
        6 or 7 => 65_535,
        8 => 48 * 1024,
        10 => 32,
        12 => 65_536,
        13 => 1_000_000,
        16 => driver.Device.Settings.ResidentBlocks,
        36 => 1_000_000,
        37 => 256,
        38 => 4 << 20,
        39 => 2048,
        75 => driver.Device.Settings.Architecture / 10,
        76 => driver.Device.Settings.Architecture % 10,
        97 => 163 * 1024,
        _ => 0,
    }), needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceTotalMem_v2")]
    private static int CuDeviceTotalMem(nuint* bytes, int device) =>
        Call("cuDeviceTotalMem_v2", driver => Set(bytes, (nuint)driver.Device.MemoryBytes), needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static int CuDevicePrimaryCtxRetain(nint* context, int device) => Call("cuDevicePrimaryCtxRetain", driver =>
    {
        if (driver.PrimaryContext == 0)
        {
            driver.PrimaryContext = driver.Add(new DriverContext());
        }

        driver.Get<DriverContext>(driver.PrimaryContext)!.Retained++;
        return Set(context, driver.PrimaryContext);
    }, needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static int CuDevicePrimaryCtxRelease(int device) => Call("cuDevicePrimaryCtxRelease_v2", driver =>
    {
        if (driver.Get<DriverContext>(driver.PrimaryContext) is not { } context)
        {
            return InvalidContext;
        }

        context.Retained--;
        if (context.Retained == 0)
        {
            driver.Remove(driver.PrimaryContext);
            driver.PrimaryContext = 0;
        }

        return Success;
    }, needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetCurrent")]
    private static int CuCtxSetCurrent(nint context) => Call("cuCtxSetCurrent", driver =>
    {
        _current = context;
        return context == 0 || driver.Get<DriverContext>(context) is not null ? Success : InvalidContext;
    }, needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetCurrent")]
    private static int CuCtxGetCurrent(nint* context) => Call("cuCtxGetCurrent", _ => Set(context, _current), needsContext: false);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSynchronize")]
    private static int CuCtxSynchronize() => Call("cuCtxSynchronize", _ => Success);

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorName")]
    private static int CuGetErrorName(int error, nint* text) => Set(text, Name(error));

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorString")]
    private static int CuGetErrorString(int error, nint* text) => Set(text, Name(error));

    private static nint Name(int error)
    {
        lock (Gate)
        {
            if (!ErrorNames.TryGetValue(error, out nint text))
            {
                ErrorNames[error] = text = Marshal.StringToCoTaskMemUTF8(ErrorName(error));
            }

            return text;
        }
    }

    private static string ErrorName(int error) => error switch
    {
        Success => "CUDA_SUCCESS",
        InvalidValue => "CUDA_ERROR_INVALID_VALUE",
        OutOfMemory => "CUDA_ERROR_OUT_OF_MEMORY",
        3 => "CUDA_ERROR_NOT_INITIALIZED",
        NoDevice => "CUDA_ERROR_NO_DEVICE",
        InvalidDevice => "CUDA_ERROR_INVALID_DEVICE",
        200 => "CUDA_ERROR_INVALID_IMAGE",
        InvalidContext => "CUDA_ERROR_INVALID_CONTEXT",
        NoBinary => "CUDA_ERROR_NO_BINARY_FOR_GPU",
        InvalidPtx => "CUDA_ERROR_INVALID_PTX",
        UnsupportedPtxVersion => "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
        InvalidHandle => "CUDA_ERROR_INVALID_HANDLE",
        NotFound => "CUDA_ERROR_NOT_FOUND",
        IllegalAddress => "CUDA_ERROR_ILLEGAL_ADDRESS",
        701 => "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
        LaunchTimeout => "CUDA_ERROR_LAUNCH_TIMEOUT",
        MisalignedAddress => "CUDA_ERROR_MISALIGNED_ADDRESS",
        LaunchFailed => "CUDA_ERROR_LAUNCH_FAILED",
        803 => "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        _ => "CUDA_ERROR_UNKNOWN",
    };

    private static void Text(string text, byte* target, int length)
    {
        if (length > 0)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            int count = Math.Min(bytes.Length, length - 1);
            bytes.AsSpan(0, count).CopyTo(new Span<byte>(target, length));
            target[count] = 0;
        }
    }

    private static int Set<T>(T* target, T value)
        where T : unmanaged
    {
        if (target is null)
        {
            return InvalidValue;
        }

        *target = value;
        return Success;
    }
}
